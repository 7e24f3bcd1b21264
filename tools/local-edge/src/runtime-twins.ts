import type { Agent } from './agent/agent.ts';
import { agentReported } from './agent/agent-reported.ts';
import type { Deployer } from './agent/deployer.ts';
import type { EdgeEmitter } from './events.ts';
import { HubReported } from './hub/hub-reported.ts';
import type { LiveConfig } from './hub/live-config.ts';
import type { JsonObject } from './twins/json-object.ts';
import type { Twins } from './twins/twins.ts';

export interface RuntimeParts {
  readonly events: EdgeEmitter;
  readonly twins: Twins;
  readonly agent: Agent;
  readonly deployer: Deployer;
  readonly liveConfig: LiveConfig;
}

/** Keeps the reported properties of `$edgeAgent` and `$edgeHub` as things are. @returns what reports `$edgeAgent`'s anew */
export function followRuntime({ events, twins, agent, deployer, liveConfig }: RuntimeParts): () => void {
  const startedAt = new Date();
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
    report('$edgeAgent', () => {
      const { config, lastDesired } = deployer;
      return agentReported({ config, statuses: agent.statuses, lastDesired, startedAt });
    });
  const reportHub = () => report('$edgeHub', () => hub.document(version('$edgeHub'), liveConfig.status));
  const hub = new HubReported(events, reportHub);
  events.on('module', reportAgent);
  events.on('desired', ({ module }) => {
    if (module === '$edgeHub') reportHub();
  });
  reportHub();
  return reportAgent;
}
