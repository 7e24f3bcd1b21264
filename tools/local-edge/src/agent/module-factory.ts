import { join } from 'node:path';
import type { EdgeEmitter } from '../events.ts';
import type { ModuleSpec } from '../manifest/deployment.ts';
import type { LocalEdgeTiming } from '../options.ts';
import type { PreparedModule } from './agent.ts';
import type { ContainerHost } from './container/container-engine.ts';
import type { LogStore } from './logs/log-store.ts';
import { ManagedModule, type ManagedModuleOptions } from './managed-module.ts';
import { type ModuleIdentity, moduleEnvironment } from './module-environment.ts';
import type { ModuleLauncher } from './module-run.ts';
import type { CommandMap } from './process/command-map.ts';
import type { OrphanGuard } from './process/orphan-guard.ts';
import { processLauncher } from './process/process-launcher.ts';
import type { ProcessRecord } from './process/process-record.ts';
import { type ModuleCommand, type ModuleOverride, resolveCommand } from './process/resolve-command.ts';
import { prepareMounts } from './volumes.ts';

export interface ModuleFactoryOptions {
  readonly stateDir: string;
  readonly repoDir: string;
  readonly overrides: Readonly<Record<string, ModuleOverride>>;
  /** What the side file says now. */
  readonly commands: () => Promise<CommandMap>;
  readonly parentEnvironment: Readonly<Record<string, string | undefined>>;
  readonly identity: (module: string) => Promise<ModuleIdentity>;
  /** Where modules run that no command is named for; `undefined` when all are processes. */
  readonly containers: ContainerHost | undefined;
  readonly events: EdgeEmitter;
  readonly timing: LocalEdgeTiming;
  readonly record: ProcessRecord;
  readonly guard: OrphanGuard;
  readonly logs: LogStore;
}

/** Finds out how a module is to be run, and makes it as far as it can be without starting it. */
export class ModuleFactory {
  readonly #options: ModuleFactoryOptions;

  constructor(options: ModuleFactoryOptions) {
    this.#options = options;
  }

  /**
   * With a container engine every module is a container, but for those that a command is named for: that is how one module is debugged among the
   * others. Otherwise all are processes.
   * @throws ConfigError EDGE_MODULE_COMMAND_UNKNOWN, EDGE_COMMANDS_INVALID, EDGE_IMAGE_MISSING, EDGE_IMAGE_PULL_FAILED
   */
  async prepare(spec: ModuleSpec): Promise<PreparedModule> {
    const { repoDir, overrides, commands, containers } = this.#options;
    const own = [(await commands()).find(spec), overrides[spec.name]];
    const override = mergeOverrides([overrides['*'], ...own]);
    if (containers !== undefined && override.command === undefined) {
      const resolved = await containers.engine.prepareImage(spec);
      // What all modules get is for those that share this machine's ports.
      const ofContainer = mergeOverrides(own);
      const runsAs = JSON.stringify({ container: ofContainer, image: resolved.image });
      const create = async () => {
        const launcher = await this.#containerLauncher(resolved, ofContainer, containers);
        return this.#module({ spec, runsAs, sourceFolder: undefined, launcher });
      };
      return { spec, runsAs, create };
    }
    const command = await resolveCommand(spec, repoDir, override);
    const runsAs = JSON.stringify(command);
    const create = async () => {
      const launcher = await this.#processLauncher(spec, command);
      return this.#module({ spec, runsAs, sourceFolder: command.cwd, launcher });
    };
    return { spec, runsAs, create };
  }

  async #containerLauncher(
    spec: ModuleSpec,
    { env = {}, inspectPort }: ModuleOverride,
    { engine, hubAddress }: ContainerHost,
  ): Promise<ModuleLauncher> {
    const identity = await this.#options.identity(spec.name);
    return engine.launcher({ spec, identity, hubAddress, env, inspectPort });
  }

  async #processLauncher(spec: ModuleSpec, command: ModuleCommand): Promise<ModuleLauncher> {
    const { stateDir, events, identity, parentEnvironment, record, guard } = this.#options;
    const { ignored, binds } = spec.createOptions;
    if (ignored.length > 0) {
      events.emit('warning', {
        message: 'create options without a meaning for a process are ignored',
        details: { module: spec.name, ignored },
      });
    }
    await this.#options.containers?.engine.shareVolumes(spec);
    const mounts = await prepareMounts(binds, join(stateDir, 'volumes'));
    return processLauncher({
      name: spec.name,
      record,
      guard,
      command: command.command,
      args: command.args,
      cwd: command.cwd,
      env: moduleEnvironment(spec, await identity(spec.name), mounts, parentEnvironment, command.env),
    });
  }

  #module(module: Pick<ManagedModuleOptions, 'spec' | 'runsAs' | 'sourceFolder' | 'launcher'>): ManagedModule {
    const { timing, events, logs } = this.#options;
    const { spec } = module;
    const log = logs.of(spec.name);
    return new ManagedModule({
      ...module,
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

// Later ones win, variable by variable.
function mergeOverrides(overrides: readonly (ModuleOverride | undefined)[]): ModuleOverride {
  const env = Object.assign({}, ...overrides.map((override) => override?.env));
  return { ...Object.assign({}, ...overrides), env };
}
