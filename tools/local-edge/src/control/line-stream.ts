import { Readable } from 'node:stream';

// What a reader has not taken yet; beyond it lines are dropped and counted.
const maxWaitingBytes = 1_048_576;

/**
 * JSON lines for one reader, as they come. Bounded: in place of what a slow reader has missed there is one line `{"missed": n}`, written as
 * soon as there is room.
 */
export class LineStream {
  readonly readable: Readable;
  #missed = 0;

  constructor() {
    this.readable = new Readable({
      read: () => this.#tellMissed(),
    });
    // The head of an HTTP answer goes out with the first byte, and the other side waits for it.
    this.readable.push('\n');
  }

  write(value: unknown): void {
    if (this.readable.readableLength > maxWaitingBytes) {
      this.#missed += 1;
      return;
    }
    this.#tellMissed();
    this.#push(value);
  }

  /** Lines that are there already and end somewhere: none of them is dropped. */
  writeAll(values: readonly unknown[]): void {
    for (const value of values) this.#push(value);
  }

  end(): void {
    if (this.#missed > 0) this.#push({ missed: this.#missed });
    if (!this.readable.destroyed) this.readable.push(null);
  }

  #tellMissed(): void {
    if (this.#missed === 0 || this.readable.readableLength > maxWaitingBytes) return;
    const missed = this.#missed;
    this.#missed = 0;
    this.#push({ missed });
  }

  #push(value: unknown): void {
    if (!this.readable.destroyed) this.readable.push(`${JSON.stringify(value)}\n`);
  }
}
