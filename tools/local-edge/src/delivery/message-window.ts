import type { QueuedMessage, StoredQueue } from './stored-queue.ts';

const maxMessages = 64;
const maxBytes = 1_048_576;

/**
 * The head of one stored queue, held in memory: what a consumer that keeps up gets is never read back from the disk, and a backlog of
 * any length costs no more than this much memory. When the window is full, newer messages stay in the store alone until it has been emptied.
 */
export class MessageWindow {
  readonly #queue: StoredQueue;
  #messages: QueuedMessage[] = [];
  #next = 0;
  #bytes = 0;
  #lastSeq = 0;
  /** Whether the store may hold messages behind the window. */
  #isSpilled: boolean;

  constructor(queue: StoredQueue) {
    this.#queue = queue;
    this.#isSpilled = queue.messages > 0;
  }

  /** Tells the window of a message that has just been committed. Messages come in the order of their numbers. */
  push(queued: QueuedMessage): void {
    // A reload that ran between the commit and this call has read it already.
    if (queued.seq <= this.#lastSeq) return;
    if (this.#isSpilled || this.#messages.length - this.#next >= maxMessages || this.#bytes >= maxBytes) {
      this.#isSpilled = true;
      return;
    }
    this.#add(queued);
  }

  /** The oldest message that was not yet shifted out. */
  head(): QueuedMessage | undefined {
    if (this.#next === this.#messages.length && this.#isSpilled) this.#reload();
    return this.#messages[this.#next];
  }

  /** Takes the head out of the window and out of the stored queue. */
  shift(): void {
    const first = this.#messages[this.#next];
    if (first === undefined) return;
    this.#bytes -= first.size;
    this.#next += 1;
    if (this.#next === this.#messages.length) this.#clear();
    else if (this.#next >= maxMessages) this.#compact();
    this.#queue.shift(first);
  }

  /** Inside a transaction: deletes what has expired in the store; what is in the window is looked at when its turn comes. @returns how many */
  expire(now: number): number {
    return this.#isSpilled ? this.#queue.expire(this.#lastSeq, now) : 0;
  }

  #reload(): void {
    const rows = this.#queue.read(this.#lastSeq, maxMessages, maxBytes);
    this.#clear();
    for (const row of rows) this.#add(row);
    this.#isSpilled = rows.length > 0;
  }

  #compact(): void {
    this.#messages = this.#messages.slice(this.#next);
    this.#next = 0;
  }

  #clear(): void {
    this.#messages = [];
    this.#next = 0;
  }

  #add(queued: QueuedMessage): void {
    this.#messages.push(queued);
    this.#bytes += queued.size;
    this.#lastSeq = queued.seq;
  }
}
