import { TransientError } from '@edgeveil/contracts';
import { type Log, pause, retryDelays, WakeUp } from '@edgeveil/module-kit';
import type { FrameInference } from './frame-inference.ts';
import type { FrameQueue, QueuedFrame } from './frame-queue.ts';
import type { ModelSlot } from './model-slot.ts';

/** Two batches are decoded ahead of each that runs, and one is being stored. */
const BATCHES_PER_SESSION = 3;
const BATCHES_BESIDE = 1;
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
  /** Asked at each turn, so that a twin can change it. */
  readonly pace?: () => FlowPace;
  /** In ms since 1970. */
  readonly clock?: () => number;
}

export interface FlowPace {
  /** Longest time that a frame waits for others to fill a batch. */
  readonly maxDelayMs: number;
  /** Frames of live sources that are older are dropped. */
  readonly maxLiveAgeMs: number;
}

const PACE: FlowPace = { maxDelayMs: 0, maxLiveAgeMs: Number.POSITIVE_INFINITY };

/** Takes what waits in the queue through inference while there is a model: batches side by side, suspicious frames alone. */
export class FrameFlow {
  readonly #options: FrameFlowOptions;
  readonly #changed = new WakeUp();
  readonly #batches = new Set<Promise<void>>();
  readonly #drops = new Set<Promise<void>>();
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
      this.#dropStale();
      const size = slot.detector?.batchSize;
      const suspect = this.#suspects[0];
      if (size === undefined) {
        await this.#changed.wait(signal);
      } else if (suspect !== undefined) {
        await Promise.all(this.#batches);
        await this.#guarded(() => this.#runAlone(suspect));
      } else if (queue.size === 0 || this.#batches.size >= this.#maxBatches(size)) {
        await this.#changed.wait(signal);
      } else if (queue.size < size && this.#delayLeftMs() > 0) {
        await this.#changed.wait(AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(this.#delayLeftMs()))]));
      } else {
        this.#begin(queue.take(size));
        onRoom();
      }
    }
    await Promise.all([...this.#batches, ...this.#drops]);
    if (this.#failure !== undefined) {
      throw this.#failure.error;
    }
  }

  /**
   * As long as what waits fills no batch, only one batch is prepared beside each that runs: what comes meanwhile gathers, and a
   * busy GPU gets larger batches without anybody waiting longer.
   */
  #maxBatches(size: number): number {
    const { slot, queue } = this.#options;
    const sessions = slot.detector?.sessions ?? 1;
    return queue.size >= size ? sessions * BATCHES_PER_SESSION + BATCHES_BESIDE : sessions + BATCHES_BESIDE;
  }

  /** What is left of the time that the frame that came first may wait for company. */
  #delayLeftMs(): number {
    const { queue, pace = () => PACE } = this.#options;
    return pace().maxDelayMs - queue.longestWaitMs;
  }

  #dropStale(): void {
    const { queue, inference, pace = () => PACE, clock = Date.now } = this.#options;
    const stale = queue.takeStale(clock() - pace().maxLiveAgeMs);
    if (stale.length > 0) {
      const drop = this.#guarded(() => inference.dropStale(stale)).finally(() => {
        this.#letGo(stale);
        this.#drops.delete(drop);
      });
      this.#drops.add(drop);
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
