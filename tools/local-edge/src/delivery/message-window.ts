import type { QueuedMessage, QueueStore } from './queue-store.ts';

const maxMessages = 64;
const maxBytes = 1_048_576;

/**
 * The head of one stored queue, held in memory: what a consumer that keeps up gets is never read back from the disk, and a backlog of
 * any length costs no more than this much memory. When the window is full, newer messages stay in the store alone until it has been emptied.
 */
export class MessageWindow {
  readonly #store: QueueStore;
  readonly #endpoint: string;
  readonly #priority: number;
  #messages: QueuedMessage[] = [];
  #bytes = 0;
  #lastSeq = 0;
  /** Whether the store may hold messages behind the window. */
  #isSpilled: boolean;

  constructor(store: QueueStore, endpoint: string, priority: number, isSpilled: boolean) {
    this.#store = store;
    this.#endpoint = endpoint;
    this.#priority = priority;
    this.#isSpilled = isSpilled;
  }

  /** Tells the window of a message that has just been committed. Messages come in the order of their numbers. */
  push(queued: QueuedMessage): void {
    // A reload that ran between the commit and this call has read it already.
    if (queued.seq <= this.#lastSeq) return;
    if (this.#isSpilled || this.#messages.length >= maxMessages || this.#bytes >= maxBytes) {
      this.#isSpilled = true;
      return;
    }
    this.#add(queued);
  }

  /** The oldest message that was not yet shifted out. */
  head(): QueuedMessage | undefined {
    if (this.#messages.length === 0 && this.#isSpilled) this.#reload();
    return this.#messages[0];
  }

  shift(): void {
    const first = this.#messages.shift();
    if (first !== undefined) this.#bytes -= first.message.body.length;
  }

  #reload(): void {
    // Eight at a time: the biggest message is 256 KB, and the window may hold little more than its bound.
    const rows = this.#store.read(this.#endpoint, this.#priority, this.#lastSeq, 8);
    for (const row of rows) this.#add(row);
    this.#isSpilled = rows.length === 8;
  }

  #add(queued: QueuedMessage): void {
    this.#messages.push(queued);
    this.#bytes += queued.message.body.length;
    this.#lastSeq = queued.seq;
  }
}
