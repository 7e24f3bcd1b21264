import { TransientError } from '@edgeveil/contracts';
import { type Log, pause, retryDelays, WakeUp } from '@edgeveil/module-kit';
import type { FrameInference } from './frame-inference.ts';
import type { FrameQueue, QueuedFrame } from './frame-queue.ts';
import type { ModelSlot } from './model-slot.ts';

/** Two batches are decoded ahead of the one that runs, and one is being stored. */
const MAX_BATCHES = 4;
const RELOAD_DELAYS = { firstMs: 1000, maxMs: 60_000 };

export interface FrameFlowOptions {
  readonly queue: FrameQueue;
  readonly slot: ModelSlot;
  readonly inference: FrameInference;
  readonly log: Log;
  /** Nothing new is taken once it aborts. */
  readonly signal: AbortSignal;
  /** Called when the queue has room again. */
  readonly onRoom: () => void;
}

/** Takes what waits in the queue through inference while there is a model: batches side by side, suspicious frames alone. */
export class FrameFlow {
  readonly #options: FrameFlowOptions;
  readonly #changed = new WakeUp();
  readonly #batches = new Set<Promise<void>>();
  readonly #suspects: QueuedFrame[] = [];
  #reloadDelays = retryDelays(RELOAD_DELAYS);
  #failure: { readonly error: unknown } | undefined;

  constructor(options: FrameFlowOptions) {
    this.#options = options;
  }

  /** Batches under way. */
  get underWay(): number {
    return this.#batches.size;
  }

  /** The queue, or the model, has changed. */
  wake(): void {
    this.#changed.wake();
  }

  /** Until the signal aborts and what is under way has ended. @throws what is a bug */
  async run(): Promise<void> {
    const { signal, slot, queue, onRoom } = this.#options;
    while (!signal.aborted && this.#failure === undefined) {
      const size = slot.detector?.batchSize;
      const suspect = this.#suspects[0];
      if (size === undefined) {
        await this.#changed.wait(signal);
      } else if (suspect !== undefined) {
        await Promise.all(this.#batches);
        await this.#guarded(() => this.#runAlone(suspect));
      } else if (queue.size === 0 || this.#batches.size >= MAX_BATCHES) {
        await this.#changed.wait(signal);
      } else {
        this.#begin(queue.take(size));
        onRoom();
      }
    }
    await Promise.all(this.#batches);
    if (this.#failure !== undefined) {
      throw this.#failure.error;
    }
  }

  #begin(frames: readonly QueuedFrame[]): void {
    const batch = this.#guarded(() => this.#runBatch(frames)).finally(() => {
      this.#batches.delete(batch);
      this.wake();
    });
    this.#batches.add(batch);
  }

  async #runBatch(frames: readonly QueuedFrame[]): Promise<void> {
    const { slot, inference } = this.#options;
    let suspects: readonly QueuedFrame[] = [];
    try {
      suspects = (await slot.run((detector) => inference.inferBatch(frames, detector))) ?? [];
      this.#suspects.push(...suspects);
    } finally {
      const kept = new Set(suspects.map(({ id }) => id));
      this.#letGo(frames.filter(({ id }) => !kept.has(id)));
    }
  }

  async #runAlone(frame: QueuedFrame): Promise<void> {
    const { slot, inference } = this.#options;
    this.#suspects.shift();
    try {
      await slot.run((detector) => inference.inferAlone(frame, detector));
      this.#reloadDelays = retryDelays(RELOAD_DELAYS);
    } finally {
      this.#letGo([frame]);
    }
  }

  /** Deals with a session that does not work; anything but that is a bug, and ends the loop. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    const { slot, log, signal } = this.#options;
    try {
      await work();
    } catch (error) {
      if (error instanceof TransientError) {
        // The session fails with every picture: a lost device, no memory. Frames wait, another session may do better.
        const delayMs = this.#reloadDelays.next().value;
        log.error('session does not work, loading the model again', { delayMs, error });
        if (await pause(delayMs, signal)) {
          await slot.reload();
        }
      } else {
        this.#failure ??= { error };
      }
    }
  }

  #letGo(frames: readonly QueuedFrame[]): void {
    for (const { id } of frames) {
      this.#options.queue.letGo(id);
    }
  }
}
