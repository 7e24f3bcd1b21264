import type { FileStore } from '@edgeveil/frame-store';
import { isLiveFrameOf } from './frame-id.ts';

export interface LiveWindowOptions {
  readonly source: string;
  readonly store: FileStore;
  readonly owner: string;
  readonly instance: string;
  readonly maxFrames: () => number;
  readonly onDropped: () => void;
}

/** Only has to outlast one settle. */
const LEASE_MS = 10_000;

/** Bounds the frames of one live source that wait in the store: the oldest that nobody works on makes room for a newer one. */
export class LiveWindow {
  readonly #options: LiveWindowOptions;
  #waiting: string[] = [];

  constructor(options: LiveWindowOptions) {
    this.#options = options;
  }

  /** Finds what an earlier life of this source left in the store. */
  async recover(): Promise<void> {
    for await (const id of this.#options.store.pending()) {
      if (isLiveFrameOf(id, this.#options.source)) {
        this.#waiting.push(id);
      }
    }
  }

  /** Makes room for one more frame. False when all that wait are being worked on: then the newcomer has to go. */
  async makeRoom(): Promise<boolean> {
    const { store, maxFrames } = this.#options;
    if (this.#waiting.length < maxFrames()) {
      return true;
    }
    const there: string[] = [];
    for (const id of this.#waiting) {
      if (await store.has(id)) {
        there.push(id);
      }
    }
    this.#waiting = [];
    for (const [index, id] of there.entries()) {
      const tooMany = this.#waiting.length + there.length - index >= maxFrames();
      if (!(tooMany && (await this.#drop(id)))) {
        this.#waiting.push(id);
      }
    }
    return this.#waiting.length < maxFrames();
  }

  added(id: string): void {
    this.#waiting.push(id);
  }

  /** Takes the frame as a consumer would, so that it is never pulled away from one. */
  async #drop(id: string): Promise<boolean> {
    const { store, owner, instance, onDropped } = this.#options;
    const lease = await store.claim(id, { owner, instance, leaseMs: LEASE_MS });
    if (lease !== undefined) {
      await store.settle(id);
      onDropped();
      return true;
    }
    return !(await store.has(id));
  }
}
