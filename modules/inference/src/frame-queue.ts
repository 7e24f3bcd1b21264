import type { Frame } from '@edgeveil/contracts';

/** A frame that waits for its turn. */
export interface QueuedFrame {
  readonly id: string;
  readonly source: string;
  /** When a frame of a live source was captured, in ms since 1970; `undefined` for guaranteed ones, which never grow stale. */
  readonly liveSince?: number | undefined;
}

/** What the queue needs to know of a frame. */
export function queuedFrame({ id, source, guarantee, capturedAt }: Frame): QueuedFrame {
  return { id, source, liveSince: guarantee === 'live' ? Date.parse(capturedAt) : undefined };
}

/**
 * Frames that wait in memory: oldest first within a source, sources in turn, so that a source with a backlog, live or
 * guaranteed, does not make the others wait for all of it. Bounded: what does not fit stays on disk and is found by a
 * later sweep. A frame is in it, or in work, at most once.
 */
export class FrameQueue {
  readonly #capacity: number;
  readonly #clock: () => number;
  /** Sources in the order of their turns. */
  readonly #bySource = new Map<string, QueuedFrame[]>();
  /** Frames that wait, in the order in which they came, and since when. */
  readonly #waitingSince = new Map<string, number>();
  /** Ids that wait or are worked on. */
  readonly #held = new Set<string>();
  #size = 0;
  #liveSize = 0;

  /** @param clock monotonic, in ms */
  constructor(capacity: number, clock: () => number = () => performance.now()) {
    this.#capacity = capacity;
    this.#clock = clock;
  }

  /** Frames that wait. */
  get size(): number {
    return this.#size;
  }

  /** How long the frame that came first has waited, in ms; 0 when none waits. */
  get longestWaitMs(): number {
    const [since = this.#clock()] = this.#waitingSince.values();
    return this.#clock() - since;
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

  /**
   * False when there is no room for all: then this frame, or the newest one of the source that has most, which makes room for it,
   * is left to a later sweep. A frame that is known already is not added again.
   */
  add(frame: QueuedFrame): boolean {
    const { id, source } = frame;
    if (this.#held.has(id)) {
      return true;
    }
    const hasRoom = !this.isFull;
    if (!hasRoom && !this.#makeRoom(source)) {
      return false;
    }
    const frames = this.#bySource.get(source);
    if (frames === undefined) {
      this.#bySource.set(source, [frame]);
    } else {
      // Ids sort by time, and nearly always come in that order.
      let index = frames.length;
      while (index > 0 && (frames[index - 1]?.id ?? '') > id) {
        index -= 1;
      }
      frames.splice(index, 0, frame);
    }
    this.#held.add(id);
    this.#waitingSince.set(id, this.#clock());
    this.#size += 1;
    this.#liveSize += frame.liveSince === undefined ? 0 : 1;
    return hasRoom;
  }

  /** A source with a backlog that fills the queue is not to keep the others out of it. */
  #makeRoom(source: string): boolean {
    let most: QueuedFrame[] = [];
    for (const frames of this.#bySource.values()) {
      most = frames.length > most.length ? frames : most;
    }
    const newest = most.at(-1);
    if (newest === undefined || most.length <= (this.#bySource.get(source)?.length ?? 0) + 1) {
      return false;
    }
    most.pop();
    this.#left(newest);
    this.#held.delete(newest.id);
    return true;
  }

  /** Up to `count` frames, one of each source in turn. They stay held until they are let go. */
  take(count: number): QueuedFrame[] {
    const taken: QueuedFrame[] = [];
    while (taken.length < count && this.#size > 0) {
      for (const [source, frames] of [...this.#bySource].slice(0, count - taken.length)) {
        const frame = frames.shift();
        this.#bySource.delete(source);
        if (frame !== undefined) {
          taken.push(frame);
          this.#left(frame);
        }
        if (frames.length > 0) {
          // To the end of the row: its next turn comes after all others had theirs.
          this.#bySource.set(source, frames);
        }
      }
    }
    return taken;
  }

  /** Frames of live sources that were captured before a time, in ms since 1970. They stay held until they are let go. */
  takeStale(before: number): QueuedFrame[] {
    if (this.#liveSize === 0) {
      return [];
    }
    const stale: QueuedFrame[] = [];
    for (const [source, frames] of this.#bySource) {
      const isStale = ({ liveSince = Number.POSITIVE_INFINITY }: QueuedFrame): boolean => liveSince < before;
      const found = frames.filter(isStale);
      if (found.length > 0) {
        const kept = frames.filter((frame) => !isStale(frame));
        stale.push(...found);
        if (kept.length > 0) {
          this.#bySource.set(source, kept);
        } else {
          this.#bySource.delete(source);
        }
        for (const frame of found) {
          this.#left(frame);
        }
      }
    }
    return stale;
  }

  #left({ id, liveSince }: QueuedFrame): void {
    this.#waitingSince.delete(id);
    this.#size -= 1;
    this.#liveSize -= liveSince === undefined ? 0 : 1;
  }

  /** The frame is done with, or left to a later sweep. */
  letGo(id: string): void {
    this.#held.delete(id);
  }
}
