import { ConfigError, TransientError } from '@edgeveil/contracts';
import { type Log, pause } from '@edgeveil/module-kit';
import type { ItemStore } from './item-store.ts';
import { FIRST_PROBE_MS, type WaitingFrames } from './waiting-frames.ts';
import type { WorkQueue } from './work-queue.ts';

export interface SweepOptions {
  readonly detections: ItemStore;
  readonly queue: WorkQueue;
  readonly waiting: WaitingFrames;
  /** Gives a frame back to inference. */
  readonly returnToInference: (id: string) => Promise<void>;
  /** Asked at each round, so that a twin can change it. */
  readonly sweepSeconds: () => number;
  readonly log: Log;
  readonly clock: () => number;
}

/**
 * Finds what no message announced: all detections in their store, oldest first, at the start and then every
 * `sweepSeconds`.
 */
export class Sweep {
  readonly #options: SweepOptions;
  #hurry = new AbortController();
  #isFailing = false;

  constructor(options: SweepOptions) {
    this.#options = options;
  }

  /** The next round begins at once: frames that waited may pass now. */
  hurry(): void {
    this.#hurry.abort();
  }

  /** Until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#hurry = new AbortController();
      await this.round(signal);
      await pause(this.#periodMs(), AbortSignal.any([signal, this.#hurry.signal]));
    }
  }

  #periodMs(): number {
    const { sweepSeconds, waiting } = this.#options;
    const period = sweepSeconds() * 1000;
    // Frames that wait for another model are not to wait for a rare sweep as well.
    return waiting.size > 0 ? Math.min(period, FIRST_PROBE_MS) : period;
  }

  async round(signal: AbortSignal): Promise<void> {
    const { detections, queue, waiting, returnToInference, log, clock } = this.#options;
    try {
      for (const id of waiting.takeProbes(clock())) await returnToInference(id);
      for await (const id of detections.pending()) {
        if (signal.aborted) return;
        if (!waiting.has(id)) await queue.add(id);
      }
      this.#isFailing = false;
    } catch (error) {
      if (!(error instanceof TransientError || error instanceof ConfigError)) throw error;
      if (!this.#isFailing) log.warn('detections cannot be listed', { error });
      this.#isFailing = true;
    }
  }
}
