import type { ModuleDefinition, ModuleTwin } from './module-definition.ts';

/** Runs a module until SIGTERM. */
export async function runModule<Twin extends ModuleTwin>(
  _process: NodeJS.Process,
  _definition: ModuleDefinition<Twin>,
): Promise<void> {}
