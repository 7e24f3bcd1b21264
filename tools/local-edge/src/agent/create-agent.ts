import { join } from 'node:path';
import type { EdgeEmitter } from '../events.ts';
import type { Deployment, ModuleSpec } from '../manifest/deployment.ts';
import type { LocalEdgeTiming } from '../options.ts';
import { Agent } from './agent.ts';
import { ManagedModule } from './managed-module.ts';
import type { ModuleIdentity } from './module-environment.ts';
import { moduleEnvironment } from './module-environment.ts';
import { ModuleLog } from './module-log.ts';
import { OrphanGuard } from './orphan-guard.ts';
import { processLauncher } from './process-launcher.ts';
import { ProcessRecord } from './process-record.ts';
import { type ModuleCommand, type ModuleOverride, resolveCommand } from './resolve-command.ts';
import { prepareMounts } from './volumes.ts';

export interface AgentSetup {
  readonly deployment: Deployment;
  readonly only: readonly string[] | undefined;
  readonly stateDir: string;
  readonly repoDir: string;
  readonly overrides: Readonly<Record<string, ModuleOverride>>;
  readonly parentEnvironment: Readonly<Record<string, string | undefined>>;
  readonly identity: (module: string) => ModuleIdentity;
  readonly events: EdgeEmitter;
  readonly timing: LocalEdgeTiming;
}

export interface RunningAgent {
  readonly agent: Agent;
  /** To be called when all modules have been stopped. */
  readonly close: () => Promise<void>;
}

/**
 * Makes the agent for a deployment, nothing started yet, and ends what a killed runtime left behind.
 * @throws ConfigError EDGE_MODULE_COMMAND_UNKNOWN before anything has been started
 */
export async function createAgent(setup: AgentSetup): Promise<RunningAgent> {
  const { deployment, only, stateDir, timing, events } = setup;
  const record = new ProcessRecord(join(stateDir, 'run'));
  for (const module of await record.endStale(timing.stopGraceMs)) {
    events.emit('warning', { message: 'ended a module that an earlier run left behind', details: { module } });
  }
  const logs: ModuleLog[] = [];
  const modules: ManagedModule[] = [];
  for (const spec of deployment.modules) {
    if (only !== undefined && !only.includes(spec.name)) continue;
    const override = setup.overrides[spec.name];
    const command = await resolveCommand(spec, setup.repoDir, override);
    const log = new ModuleLog(join(stateDir, 'logs'), spec.name);
    logs.push(log);
    modules.push(await createModule(setup, spec, command, record, log));
  }
  const agent = new Agent({
    modules,
    reconcileIntervalMs: timing.reconcileIntervalMs,
    onError: (module, error) =>
      events.emit('warning', {
        message: 'a module could not be brought to its desired state',
        details: { module, error: String(error) },
      }),
  });
  const guard = new OrphanGuard();
  events.on('module', () => guard.update(agent.statuses.flatMap(({ pid }) => pid ?? [])));
  const close = async () => {
    guard.stop();
    await Promise.all(logs.map((log) => log.close()));
  };
  return { agent, close };
}

async function createModule(
  setup: AgentSetup,
  spec: ModuleSpec,
  command: ModuleCommand,
  record: ProcessRecord,
  log: ModuleLog,
): Promise<ManagedModule> {
  const { stateDir, timing, events } = setup;
  const { ignored, binds } = spec.createOptions;
  if (ignored.length > 0) {
    events.emit('warning', {
      message: 'create options without a meaning for a process are ignored',
      details: { module: spec.name, ignored },
    });
  }
  const mounts = await prepareMounts(binds, join(stateDir, 'volumes'));
  const launcher = processLauncher({
    name: spec.name,
    record,
    command: command.command,
    args: command.args,
    cwd: command.cwd,
    env: moduleEnvironment(spec, setup.identity(spec.name), mounts, setup.parentEnvironment, command.env),
  });
  return new ManagedModule({
    spec,
    launcher,
    onLine: (stream, text) => {
      log.write(text);
      events.emit('log', { module: spec.name, stream, text, at: new Date() });
    },
    limits: timing.restart,
    intensiveCareMs: timing.intensiveCareMs,
    stopGraceMs: timing.stopGraceMs,
    clock: timing.clock,
    onStatus: (status) => events.emit('module', status),
  });
}
