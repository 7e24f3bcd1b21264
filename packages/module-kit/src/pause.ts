import { setTimeout as delay } from 'node:timers/promises';

/** Waits `ms`. False when the signal cut it short; never rejects. Ends within a tick when the signal is aborted already. */
export async function pause(ms: number, signal?: AbortSignal): Promise<boolean> {
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
    return true;
  } catch {
    return false;
  }
}
