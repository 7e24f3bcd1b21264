import type { Agent } from './agent/agent.ts';
import { agentReported } from './agent/agent-reported.ts';
import type { EdgeEmitter } from './events.ts';
import { HubReported } from './hub/hub-reported.ts';
import type { LiveConfig } from './hub/live-config.ts';
import type { Deployment } from './manifest/deployment.ts';
import type { JsonObject } from './twins/json-object.ts';
import type { Twins } from './twins/twins.ts';

/** Keeps the reported properties of `$edgeAgent` and `$edgeHub` as things are. */
export function followRuntime(
  events: EdgeEmitter,
  twins: Twins,
  deployment: Deployment,
  agent: Agent,
  liveConfig: LiveConfig,
): void {
  const version = (module: string) => Number(twins.get(module).desired.$version);
  // A full disk must not end the runtime over its own state; the next change reports anew.
  const report = (module: string, document: () => JsonObject) => {
    try {
      twins.replaceReported(module, document());
    } catch (error) {
      events.emit('warning', {
        message: 'reported properties could not be stored',
        details: { module, error: String(error) },
      });
    }
  };
  const reportAgent = () =>
    report('$edgeAgent', () => agentReported(deployment, agent.statuses, version('$edgeAgent')));
  const reportHub = () => report('$edgeHub', () => hub.document(version('$edgeHub'), liveConfig.status));
  const hub = new HubReported(events, reportHub);
  events.on('module', reportAgent);
  events.on('desired', ({ module }) => {
    if (module === '$edgeHub') reportHub();
  });
  reportAgent();
  reportHub();
}
