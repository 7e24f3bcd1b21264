import type { Agent } from './agent/agent.ts';
import { agentReported } from './agent/agent-reported.ts';
import type { EdgeEmitter } from './events.ts';
import { HubReported } from './hub/hub-reported.ts';
import type { Deployment } from './manifest/deployment.ts';
import type { Twins } from './twins/twins.ts';

/** Keeps the reported properties of `$edgeAgent` and `$edgeHub` as things are. */
export function followRuntime(events: EdgeEmitter, twins: Twins, deployment: Deployment, agent: Agent): void {
  const version = (module: string) => Number(twins.get(module).desired.$version);
  const reportAgent = () =>
    twins.replaceReported('$edgeAgent', agentReported(deployment, agent.statuses, version('$edgeAgent')));
  const reportHub = () => twins.replaceReported('$edgeHub', hub.document(version('$edgeHub')));
  const hub = new HubReported(events, reportHub);
  events.on('module', reportAgent);
  reportAgent();
  reportHub();
}
