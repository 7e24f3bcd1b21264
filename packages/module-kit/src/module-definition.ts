import type { LogLevel } from '@edgeveil/contracts';
import type { z } from 'zod';
import type { ModuleContext } from './module-context.ts';
import type { RunningModule } from './running-module.ts';

/** What every module's twin has. */
export interface ModuleTwin {
  readonly logLevel: LogLevel;
}

/** What makes a module: its name, the schema of its desired properties, and how it starts. */
export interface ModuleDefinition<Twin extends ModuleTwin> {
  readonly name: string;
  /** Parses desired properties (without `$`-keys) whole and fills in defaults. */
  readonly twinSchema: z.ZodType<Twin>;
  /**
   * Opens what the module needs; works without a hub in reach. What it had opened when it throws it closes itself. A
   * ConfigError whose `details.path` names a property refuses this twin, and it is called again with another; any
   * other ConfigError falls back to the last good twin where there is one. Everything else ends the process with
   * exit code 1, and edgeAgent restarts it with back-off.
   */
  start(context: ModuleContext<Twin>): Promise<RunningModule<Twin>>;
}

export function defineModule<Twin extends ModuleTwin>(definition: ModuleDefinition<Twin>): ModuleDefinition<Twin> {
  return definition;
}
