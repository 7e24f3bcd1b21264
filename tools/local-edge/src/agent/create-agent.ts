import { join } from 'node:path';
import type { AgentConfig, Deployment } from '../manifest/deployment.ts';
import type { JsonObject } from '../twins/json-object.ts';
import { Agent } from './agent.ts';
import { Deployer } from './deployer.ts';
import { LastGood } from './last-good.ts';
import { agentLogName, keepAgentLog } from './logs/agent-log.ts';
import { LogStore, logsDir } from './logs/log-store.ts';
import { ModuleFactory, type ModuleFactoryOptions } from './module-factory.ts';
import { OrphanGuard } from './process/orphan-guard.ts';
import { ProcessRecord } from './process/process-record.ts';

export interface AgentSetup extends Omit<ModuleFactoryOptions, 'record' | 'guard' | 'logs'> {
  readonly deployment: Deployment;
  readonly only: readonly string[] | undefined;
  /** `$edgeAgent`'s desired properties as they are now. */
  readonly desired: () => JsonObject;
  readonly onDeployed: () => void;
}

export interface RunningAgent {
  readonly agent: Agent;
  readonly deployer: Deployer;
  readonly logs: LogStore;
  /** To be called when all modules have been stopped. */
  readonly close: () => Promise<void>;
}

/**
 * Makes the agent, nothing started or deployed yet, and ends what a killed runtime left behind.
 */
export async function createAgent(setup: AgentSetup): Promise<RunningAgent> {
  const { deployment, only, stateDir, timing, events, identity } = setup;
  const record = new ProcessRecord(join(stateDir, 'run'));
  for (const module of await record.endStale(timing.stopGraceMs)) {
    events.emit('warning', { message: 'ended a module that an earlier run left behind', details: { module } });
  }
  const logs = new LogStore(logsDir(stateDir));
  keepAgentLog(events, logs.of(agentLogName));
  const guard = new OrphanGuard();
  const factory = new ModuleFactory({ ...setup, record, guard, logs });
  const agent = new Agent({
    prepare: (spec) => factory.prepare(spec),
    reconcileIntervalMs: timing.reconcileIntervalMs,
    onError: (module, error) =>
      events.emit('warning', {
        message: 'a module could not be brought to its desired state',
        details: { module, error: error instanceof Error ? error.message : String(error) },
      }),
  });
  const deployer = new Deployer(
    {
      agent,
      only,
      lastGood: new LastGood(stateDir),
      desired: setup.desired,
      events,
      onChange: setup.onDeployed,
      // Those that are not run here may be started by hand.
      identify: async ({ modules }: AgentConfig) => {
        await Promise.all(modules.map(({ name }) => identity(name)));
      },
    },
    deployment,
  );
  const close = async () => {
    guard.stop();
    await logs.close();
  };
  return { agent, deployer, logs, close };
}
