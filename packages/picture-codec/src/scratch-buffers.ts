export interface ScratchBuffersOptions<Memory extends ArrayBufferLike> {
  /** Buffers kept for the next one who asks. */
  readonly maxIdle: number;
  /** Larger ones are not kept. */
  readonly maxBytesEach: number;
  /** Makes a new one, over memory of its own. */
  readonly allocate: (length: number) => Buffer<Memory>;
}

/**
 * Keeps large buffers for reuse: touching fresh memory costs more than the work that is done in it. It never holds more
 * than `maxIdle * maxBytesEach` bytes, and a buffer that is not given back is simply collected.
 */
export class ScratchBuffers<Memory extends ArrayBufferLike = ArrayBuffer> {
  readonly #options: ScratchBuffersOptions<Memory>;
  readonly #idle: Buffer<Memory>[] = [];

  constructor(options: ScratchBuffersOptions<Memory>) {
    this.#options = options;
  }

  /** A buffer of at least `length` bytes with anything in it. */
  take(length: number): Buffer<Memory> {
    const index = this.#idle.findIndex((buffer) => buffer.length >= length);
    const [found] = index === -1 ? [] : this.#idle.splice(index, 1);
    return found ?? this.#options.allocate(length);
  }

  /** Gives back what `take` gave; nothing may look at it any more. */
  give(buffer: Buffer<Memory>): void {
    if (buffer.length > this.#options.maxBytesEach) {
      return;
    }
    this.#idle.push(buffer);
    if (this.#idle.length > this.#options.maxIdle) {
      // The smallest goes: the others can serve more sizes.
      this.#idle.sort((a, b) => a.length - b.length).shift();
    }
  }
}
