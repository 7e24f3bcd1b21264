import { setTimeout as delay } from 'node:timers/promises';
import { TransientError } from '@edgeveil/contracts';
import type { EdgeEmitter, EdgeEvents } from './events.ts';
import type { WaitOptions } from './local-edge.ts';

const eventNames: readonly (keyof EdgeEvents)[] = [
  'connected',
  'disconnected',
  'message',
  'delivered',
  'expired',
  'upstream',
  'desired',
  'reported',
  'module',
];

// For what no event tells of, such as files.
const pollMs = 100;

/** Asks a predicate again at every event, and ten times a second. */
export async function waitFor<T>(
  events: EdgeEmitter,
  predicate: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs = 30_000, signal }: WaitOptions = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let changed = Promise.withResolvers<void>();
  const wake = () => changed.resolve();
  for (const name of eventNames) events.on(name, wake);
  try {
    for (;;) {
      changed = Promise.withResolvers();
      const result = await predicate();
      if (result !== undefined && result !== false) return result;
      signal?.throwIfAborted();
      if (Date.now() > deadline)
        throw new TransientError('EDGE_WAIT_TIMEOUT', `what was waited for did not happen in ${timeoutMs} ms`);
      const poll = new AbortController();
      await Promise.race([changed.promise, delay(pollMs, undefined, { signal: poll.signal }).catch(() => undefined)]);
      poll.abort();
    }
  } finally {
    for (const name of eventNames) events.off(name, wake);
  }
}
