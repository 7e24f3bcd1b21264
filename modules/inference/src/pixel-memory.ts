/** Blocks of shared memory for shrunk pictures, used again and again: fresh memory costs more to touch than to fill. */
export class PixelMemory {
  readonly #maxIdle: number;
  readonly #idle: SharedArrayBuffer[] = [];

  /** `maxIdle` blocks are kept for reuse; how many are in use at once is bounded by who asks. */
  constructor(maxIdle: number) {
    this.#maxIdle = maxIdle;
  }

  /** A block that holds a copy of the pixels, and maybe more bytes behind them. */
  place(pixels: Uint8Array): SharedArrayBuffer {
    const index = this.#idle.findIndex((block) => block.byteLength >= pixels.length);
    const [found] = index === -1 ? [] : this.#idle.splice(index, 1);
    const block = found ?? new SharedArrayBuffer(pixels.length);
    new Uint8Array(block).set(pixels);
    return block;
  }

  /** Gives a block back; no thread may read it any more. */
  release(block: SharedArrayBuffer): void {
    this.#idle.push(block);
    if (this.#idle.length > this.#maxIdle) {
      // The smallest goes: the others hold more kinds of picture.
      this.#idle.sort((a, b) => a.byteLength - b.byteLength).shift();
    }
  }
}
