import { WakeUp } from '../wake-up.ts';

/** Items that wait for a handler: bounded, the oldest make room for new ones. */
export class Inbox<Item> {
  #capacity: number;
  #items: Item[] = [];
  readonly #filled = new WakeUp();
  readonly #onDropped: (count: number) => void;

  constructor(capacity: number, onDropped: (count: number) => void) {
    this.#capacity = capacity;
    this.#onDropped = onDropped;
  }

  get size(): number {
    return this.#items.length;
  }

  setCapacity(capacity: number): void {
    this.#capacity = capacity;
    this.#cut();
  }

  push(items: readonly Item[]): void {
    for (const item of items) this.#items.push(item);
    this.#cut();
    this.#filled.wake();
  }

  /** All that waits, at least one item; undefined when the signal aborts. */
  async takeAll(signal: AbortSignal): Promise<readonly Item[] | undefined> {
    while (!signal.aborted) {
      if (this.#items.length > 0) return this.#items.splice(0);
      await this.#filled.wait(signal);
    }
    return undefined;
  }

  #cut(): void {
    const excess = this.#items.length - this.#capacity;
    if (excess <= 0) return;
    this.#items.splice(0, excess);
    this.#onDropped(excess);
  }
}
