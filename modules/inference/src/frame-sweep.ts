import { ConfigError, TransientError } from '@edgeveil/contracts';
import type { FileStore } from '@edgeveil/frame-store';
import { type Log, pause } from '@edgeveil/module-kit';
import type { FrameFiles } from './frame-files/frame-files.ts';
import type { FrameQueue } from './frame-queue.ts';

/** Frames that are looked at in one go. More would keep others waiting for the thread of the files. */
const FRAMES_AT_ONCE = 16;

export interface FrameSweepOptions {
  readonly frames: Pick<FileStore, 'pending'>;
  readonly detections: Pick<FileStore, 'pending'>;
  readonly files: Pick<FrameFiles, 'describe'>;
  readonly queue: FrameQueue;
  /** Called when frames have been added. */
  readonly onFound: () => void;
  /** Asked at each round, so that a twin can change it. */
  readonly sweepSeconds: () => number;
  readonly log: Log;
}

/** Finds frames that have no detections and that nobody announced: at the start, every `sweepSeconds`, and whenever the queue has room after a round that filled it. */
export class FrameSweep {
  readonly #options: FrameSweepOptions;
  #hurry = new AbortController();
  #hasMore = false;
  #isFailing = false;

  constructor(options: FrameSweepOptions) {
    this.#options = options;
  }

  /** The queue could not take a frame: there is more on disk than it knows of. */
  noteOverflow(): void {
    this.#hasMore = true;
  }

  /** The queue has room: goes on at once if there is more on disk. */
  noteRoom(): void {
    if (this.#hasMore && this.#options.queue.isHalfEmpty) {
      this.#hurry.abort();
    }
  }

  /** Until the signal aborts. @throws what is a bug */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#hurry = new AbortController();
      await this.#guardedRound(signal);
      await pause(this.#options.sweepSeconds() * 1000, AbortSignal.any([signal, this.#hurry.signal]));
    }
  }

  async #guardedRound(signal: AbortSignal): Promise<void> {
    try {
      await this.round(signal);
      this.#isFailing = false;
    } catch (error) {
      if (!(error instanceof TransientError || error instanceof ConfigError)) {
        throw error;
      }
      if (!this.#isFailing) {
        this.#options.log.warn('frames cannot be listed', { error });
      }
      this.#isFailing = true;
    }
  }

  /**
   * One look at everything, until the queue is full. Frames that a message is about to announce are taken too: to tell
   * them by their time would lose those of a camera whose clock is ahead.
   */
  async round(signal: AbortSignal): Promise<void> {
    const { frames, detections, queue } = this.#options;
    this.#hasMore = false;
    // Frames first: one that gets its detections between the two listings is then in the second, and not taken again.
    const pending: string[] = [];
    for await (const id of frames.pending()) {
      if (!queue.has(id)) {
        pending.push(id);
      }
    }
    if (pending.length === 0) {
      return;
    }
    const inferred = new Set<string>();
    for await (const id of detections.pending()) {
      inferred.add(id);
    }
    const waiting = pending.filter((id) => !inferred.has(id));
    for (let start = 0; start < waiting.length && !signal.aborted && !this.#hasMore; start += FRAMES_AT_ONCE) {
      await this.#add(waiting.slice(start, start + FRAMES_AT_ONCE));
    }
  }

  async #add(ids: readonly string[]): Promise<void> {
    const { files, queue, onFound } = this.#options;
    if (queue.isFull) {
      this.#hasMore = true;
      return;
    }
    for (const frame of await files.describe(ids.filter((id) => !queue.has(id)))) {
      if (queue.isFull) {
        this.#hasMore = true;
        return;
      }
      queue.add(frame);
      onFound();
    }
  }
}
