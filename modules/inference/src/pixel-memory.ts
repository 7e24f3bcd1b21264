/** Blocks of shared memory for placed pictures, used again and again: fresh memory costs more to touch than to fill. */
export class PixelMemory {
  readonly #bytesEach: number;
  readonly #maxIdle: number;
  readonly #idle: SharedArrayBuffer[] = [];

  /** `maxIdle` blocks are kept for reuse; how many are in use at once is bounded by who asks. */
  constructor(bytesEach: number, maxIdle: number) {
    this.#bytesEach = bytesEach;
    this.#maxIdle = maxIdle;
  }

  /** A block with anything in it. */
  take(): SharedArrayBuffer {
    return this.#idle.pop() ?? new SharedArrayBuffer(this.#bytesEach);
  }

  /** Gives a block back; no thread may read it any more. */
  release(block: SharedArrayBuffer): void {
    if (this.#idle.length < this.#maxIdle) {
      this.#idle.push(block);
    }
  }
}
