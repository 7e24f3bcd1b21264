import { RejectedError, TransientError } from '@edgeveil/contracts';
import type { HubLink } from './hub/hub-link.ts';
import type { Log } from './log.ts';
import { pause } from './pause.ts';
import { type RetryDelayOptions, retryDelays } from './retry-delays.ts';
import { isPlainObject } from './twin/merge-patch.ts';

type Patch = Readonly<Record<string, unknown>>;

interface Pending {
  patch: Patch;
  readonly waiters: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[];
}

/** The hub's own limit for one patch. */
const MAX_PATCH_BYTES = 32_768;

/**
 * Sends reported properties, one patch under way; patches that wait are merged into one, so that their number is bounded by what they
 * say. A patch that the hub did not answer is sent again, on the next connection if need be; one that it refuses is given up.
 */
export class Reporter {
  readonly #link: Pick<HubLink, 'use'>;
  readonly #log: Log;
  readonly #delays: RetryDelayOptions;
  readonly #stopping = new AbortController();
  #pending: Pending[] = [];
  #pump: Promise<void> | undefined;

  constructor(link: Pick<HubLink, 'use'>, log: Log, delays: RetryDelayOptions = { firstMs: 250, maxMs: 10_000 }) {
    this.#link = link;
    this.#log = log;
    this.#delays = delays;
  }

  /**
   * Resolves when the hub has the patch.
   * @throws RejectedError `REPORT_TOO_LARGE`, `REPORT_REFUSED`; TransientError `REPORT_STOPPED` when the module stops before.
   */
  report(patch: Patch): Promise<void> {
    if (this.#stopping.signal.aborted) return Promise.reject(stopped());
    const bytes = Buffer.byteLength(JSON.stringify(patch));
    if (bytes > MAX_PATCH_BYTES) {
      const message = `a patch of ${bytes} bytes exceeds the hub's ${MAX_PATCH_BYTES}`;
      return Promise.reject(new RejectedError('REPORT_TOO_LARGE', message, { details: { bytes } }));
    }
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      const last = this.#pending.at(-1);
      const merged = last === undefined ? undefined : composePatches(last.patch, patch);
      if (last !== undefined && merged !== undefined && Buffer.byteLength(JSON.stringify(merged)) <= MAX_PATCH_BYTES) {
        last.patch = merged;
        last.waiters.push(waiter);
      } else {
        this.#pending.push({ patch, waiters: [waiter] });
      }
      this.#pump ??= this.#send();
    });
  }

  /** Waits until all is sent or the signal aborts, then gives up the rest. */
  async close(signal: AbortSignal): Promise<void> {
    const onAbort = () => this.#stopping.abort();
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    await this.#pump;
    signal.removeEventListener('abort', onAbort);
    this.#stopping.abort();
  }

  async #send(): Promise<void> {
    // Let what is reported in the same turn travel together.
    await Promise.resolve();
    for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) {
      const { patch, waiters } = next;
      try {
        await this.#deliver(patch);
        for (const { resolve } of waiters) resolve();
      } catch (error) {
        for (const { reject } of waiters) reject(error);
      }
    }
    // In the same turn as the look at the empty queue: what is reported next starts a new pump.
    this.#pump = undefined;
  }

  async #deliver(patch: Patch): Promise<void> {
    const signal = this.#stopping.signal;
    for (const delayMs of retryDelays(this.#delays)) {
      if (signal.aborted) throw stopped();
      try {
        await this.#link.use((client) => client.updateReported(patch), signal);
        return;
      } catch (error) {
        if (signal.aborted) throw stopped();
        if (error instanceof RejectedError) {
          this.#log.error('report refused by the hub', { keys: Object.keys(patch), error });
          throw error;
        }
        this.#log.debug('report not delivered', { error });
      }
      await pause(delayMs, signal);
    }
  }
}

/** One patch that does what the two do one after the other; undefined where there is none: removal, then an object anew. */
export function composePatches(first: Patch, second: Patch): Patch | undefined {
  const composed: Record<string, unknown> = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const before = composed[key];
    if (before === null && isPlainObject(value)) return undefined;
    if (isPlainObject(before) && isPlainObject(value)) {
      const inner = composePatches(before, value);
      if (inner === undefined) return undefined;
      composed[key] = inner;
    } else if (isPlainObject(value) && before !== undefined) {
      // A scalar replaced by an object: the hub takes the object whole, nulls inside it included, so keep the order.
      return undefined;
    } else {
      composed[key] = value;
    }
  }
  return composed;
}

function stopped(): TransientError {
  return new TransientError('REPORT_STOPPED', 'the module stopped before the hub had the report');
}
