import type { EdgeControl } from '@edgeveil/local-edge/control';
import type { CliContext } from './cli-context.ts';

/** What every command on a running edge takes. */
export interface EdgeOptions {
  readonly state?: string;
}

export const STATE_OPTION = [
  '--state <dir>',
  "the edge's state folder (default: .edgeveil/run here, or in the nearest folder above that has one)",
] as const;

/** The running edge that a command means. Nothing is asked of it yet. */
export async function openControl({ state }: EdgeOptions, { workingDir }: CliContext): Promise<EdgeControl> {
  const { EdgeControl, stateDirs } = await import('@edgeveil/local-edge/control');
  return new EdgeControl(stateDirs(workingDir, state));
}
