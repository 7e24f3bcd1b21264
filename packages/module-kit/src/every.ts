import { pause } from './pause.ts';

/**
 * Runs the task at once and again `periodMs` after each end, so that runs never overlap, until the signal aborts. Resolves
 * when the last run has ended. A failure of the task ends the loop and rejects: what is to be survived, the task catches.
 * A function as period is asked before each wait, so that a twin can change it.
 */
export async function every(
  periodMs: number | (() => number),
  signal: AbortSignal,
  task: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await task(signal);
    await pause(typeof periodMs === 'number' ? periodMs : periodMs(), signal);
  }
}
