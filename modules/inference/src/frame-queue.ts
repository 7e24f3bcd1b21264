/** A frame that waits for its turn. */
export interface QueuedFrame {
  readonly id: string;
  readonly source: string;
}

/**
 * Frames that wait in memory: oldest first within a source, sources in turn, so that a source with a backlog, live or
 * guaranteed, does not make the others wait for all of it. Bounded: what does not fit stays on disk and is found by a
 * later sweep. A frame is in it, or in work, at most once.
 */
export class FrameQueue {
  readonly #capacity: number;
  /** Sources in the order of their turns. */
  readonly #bySource = new Map<string, string[]>();
  /** Ids that wait or are worked on. */
  readonly #held = new Set<string>();
  #size = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Frames that wait. */
  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size >= this.#capacity;
  }

  /** Whether it is worth while to look for more. */
  get isHalfEmpty(): boolean {
    return this.#size <= this.#capacity / 2;
  }

  /** Whether the frame waits or is worked on. */
  has(id: string): boolean {
    return this.#held.has(id);
  }

  /** False when there is no room. A frame that is known already is not added again. */
  add({ id, source }: QueuedFrame): boolean {
    if (this.#held.has(id)) {
      return true;
    }
    if (this.isFull) {
      return false;
    }
    const ids = this.#bySource.get(source);
    if (ids === undefined) {
      this.#bySource.set(source, [id]);
    } else {
      // Ids sort by time, and nearly always come in that order.
      let index = ids.length;
      while (index > 0 && (ids[index - 1] ?? '') > id) {
        index -= 1;
      }
      ids.splice(index, 0, id);
    }
    this.#held.add(id);
    this.#size += 1;
    return true;
  }

  /** Up to `count` frames, one of each source in turn. They stay held until they are let go. */
  take(count: number): QueuedFrame[] {
    const taken: QueuedFrame[] = [];
    while (taken.length < count && this.#size > 0) {
      for (const [source, ids] of [...this.#bySource].slice(0, count - taken.length)) {
        const id = ids.shift();
        this.#bySource.delete(source);
        if (id !== undefined) {
          taken.push({ id, source });
          this.#size -= 1;
        }
        if (ids.length > 0) {
          // To the end of the row: its next turn comes after all others had theirs.
          this.#bySource.set(source, ids);
        }
      }
    }
    return taken;
  }

  /** The frame is done with, or left to a later sweep. */
  letGo(id: string): void {
    this.#held.delete(id);
  }
}
