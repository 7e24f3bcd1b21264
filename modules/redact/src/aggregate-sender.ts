import { type Aggregate, RejectedError, TransientError } from '@edgeveil/contracts';
import { every, type Log, type Output } from '@edgeveil/module-kit';
import type { AggregateLedger, DueWindow } from './aggregate-ledger.ts';

export interface AggregateSenderOptions {
  readonly ledger: AggregateLedger;
  readonly output: Output<Aggregate>;
  /** Asked at each round, so that a twin can change it. */
  readonly graceSeconds: () => number;
  /** Whether a frame is still in the frame store. */
  readonly isPending: (frameId: string) => Promise<boolean>;
  readonly log: Log;
  readonly clock: () => number;
}

const ROUND_MS = 1000;
const PRUNE_EVERY_MS = 600_000;
/** Windows sent at once: they share messages. */
const BATCH = 200;

/**
 * Sends the windows of the ledger that are over. What is not acknowledged stays in the ledger and is sent again,
 * revised.
 */
export class AggregateSender {
  readonly #options: AggregateSenderOptions;
  #prunedAt = Number.NEGATIVE_INFINITY;
  #isFailing = false;

  constructor(options: AggregateSenderOptions) {
    this.#options = options;
  }

  /** Until the signal aborts. Resolves when the last message is acknowledged or given up by the output. */
  run(signal: AbortSignal): Promise<void> {
    return every(ROUND_MS, signal, (stopping) => this.round(stopping));
  }

  /** Sends everything that is due now. */
  async round(signal: AbortSignal): Promise<void> {
    const { ledger, graceSeconds, log, clock } = this.#options;
    try {
      await this.#prune();
      for (let due: DueWindow[] = []; !signal.aborted; ) {
        due = ledger.takeDue({ now: clock(), graceMs: graceSeconds() * 1000, limit: BATCH });
        await Promise.all(due.map((window) => this.#send(window)));
        if (due.length < BATCH) break;
      }
      this.#isFailing = false;
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      if (!this.#isFailing && !signal.aborted) log.warn('aggregates not sent for now', { error });
      this.#isFailing = true;
    }
  }

  async #send(window: DueWindow): Promise<void> {
    const { ledger, output, log } = this.#options;
    try {
      await output.send(window.aggregate);
    } catch (error) {
      if (!(error instanceof RejectedError)) throw error;
      const { source, windowStart } = window.aggregate;
      log.error('aggregate cannot be sent', { source, windowStart, error });
    }
    ledger.markSent(window);
  }

  async #prune(): Promise<void> {
    const { ledger, isPending, clock } = this.#options;
    const now = clock();
    if (now - this.#prunedAt < PRUNE_EVERY_MS) return;
    this.#prunedAt = now;
    for (const frame of ledger.unfinished(now)) if (!(await isPending(frame))) ledger.forget(frame, now);
    ledger.prune(now);
  }
}
