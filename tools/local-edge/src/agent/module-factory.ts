import { join } from 'node:path';
import type { EdgeEmitter } from '../events.ts';
import type { ModuleSpec } from '../manifest/deployment.ts';
import type { LocalEdgeTiming } from '../options.ts';
import type { PreparedModule } from './agent.ts';
import type { CommandMap } from './command-map.ts';
import type { LogStore } from './logs/log-store.ts';
import { ManagedModule } from './managed-module.ts';
import { type ModuleIdentity, moduleEnvironment } from './module-environment.ts';
import type { ModuleLauncher } from './module-run.ts';
import { processLauncher } from './process-launcher.ts';
import type { ProcessRecord } from './process-record.ts';
import { type ModuleCommand, type ModuleOverride, resolveCommand } from './resolve-command.ts';
import { prepareMounts } from './volumes.ts';

export interface ModuleFactoryOptions {
  readonly stateDir: string;
  readonly repoDir: string;
  readonly overrides: Readonly<Record<string, ModuleOverride>>;
  /** What the side file says now. */
  readonly commands: () => Promise<CommandMap>;
  readonly parentEnvironment: Readonly<Record<string, string | undefined>>;
  readonly identity: (module: string) => Promise<ModuleIdentity>;
  readonly events: EdgeEmitter;
  readonly timing: LocalEdgeTiming;
  readonly record: ProcessRecord;
  readonly logs: LogStore;
}

/** Finds out how a module is to be run, and makes it as far as it can be without starting it. */
export class ModuleFactory {
  readonly #options: ModuleFactoryOptions;

  constructor(options: ModuleFactoryOptions) {
    this.#options = options;
  }

  /** @throws ConfigError EDGE_MODULE_COMMAND_UNKNOWN, EDGE_COMMANDS_INVALID */
  async prepare(spec: ModuleSpec): Promise<PreparedModule> {
    const { repoDir, overrides, commands } = this.#options;
    const override = { ...(await commands()).find(spec), ...overrides[spec.name] };
    const command = await resolveCommand(spec, repoDir, override);
    return {
      spec,
      runsAs: JSON.stringify(command),
      create: async () => this.#module(spec, command, await this.#processLauncher(spec, command)),
    };
  }

  async #processLauncher(spec: ModuleSpec, command: ModuleCommand): Promise<ModuleLauncher> {
    const { stateDir, events, identity, parentEnvironment, record } = this.#options;
    const { ignored, binds } = spec.createOptions;
    if (ignored.length > 0) {
      events.emit('warning', {
        message: 'create options without a meaning for a process are ignored',
        details: { module: spec.name, ignored },
      });
    }
    const mounts = await prepareMounts(binds, join(stateDir, 'volumes'));
    return processLauncher({
      name: spec.name,
      record,
      command: command.command,
      args: command.args,
      cwd: command.cwd,
      env: moduleEnvironment(spec, await identity(spec.name), mounts, parentEnvironment, command.env),
    });
  }

  #module(spec: ModuleSpec, command: ModuleCommand, launcher: ModuleLauncher): ManagedModule {
    const { timing, events, logs } = this.#options;
    const log = logs.of(spec.name);
    return new ManagedModule({
      spec,
      launcher,
      runsAs: JSON.stringify(command),
      sourceFolder: command.cwd,
      onLine: (stream, text) => {
        const at = new Date();
        log.write({ at, stream, text });
        events.emit('log', { module: spec.name, stream, text, at });
      },
      limits: timing.restart,
      intensiveCareMs: timing.intensiveCareMs,
      stopGraceMs: timing.stopGraceMs,
      clock: timing.clock,
      onStatus: (status) => events.emit('module', status),
    });
  }
}
