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
  /** Parses desired properties (without `$`-keys) whole and fills in defaults; `{}` must be valid. */
  readonly twinSchema: z.ZodType<Twin>;
  /**
   * Opens what the module needs. ConfigError and InternalError end the process with exit code 1 (edgeAgent restarts it with back-off). What it had opened
   * when it throws it closes itself. Must work without a hub in reach.
   */
  start(context: ModuleContext<Twin>): Promise<RunningModule<Twin>>;
}

export function defineModule<Twin extends ModuleTwin>(definition: ModuleDefinition<Twin>): ModuleDefinition<Twin> {
  return definition;
}
