import { MessageWindow } from './message-window.ts';
import type { QueueStore } from './queue-store.ts';
import type { QueuedMessage } from './stored-queue.ts';

/** All that waits for one endpoint: a window for each priority. */
export class EndpointQueue {
  readonly #store: QueueStore;
  readonly #endpoint: string;
  readonly #windows = new Map<number, MessageWindow>();
  #priorities: number[] = [];

  constructor(store: QueueStore, endpoint: string) {
    this.#store = store;
    this.#endpoint = endpoint;
    for (const { priority } of store.queues(endpoint)) this.#open(priority);
  }

  /** Tells of a message that has just been committed. */
  push(priority: number, queued: QueuedMessage): void {
    // A window that is opened only now finds the message in the store.
    const window = this.#windows.get(priority);
    if (window === undefined) this.#open(priority);
    else window.push(queued);
  }

  /** The window of the highest priority that has a message. */
  first(): MessageWindow | undefined {
    for (const priority of this.#priorities) {
      const window = this.#windows.get(priority);
      if (window?.head() !== undefined) return window;
    }
    return undefined;
  }

  /** Inside a transaction: deletes what has expired in the store. @returns how many */
  expire(now: number): number {
    let count = 0;
    for (const window of this.#windows.values()) count += window.expire(now);
    return count;
  }

  #open(priority: number): void {
    this.#windows.set(priority, new MessageWindow(this.#store.open(this.#endpoint, priority)));
    this.#priorities = [...this.#windows.keys()].sort((a, b) => a - b);
  }
}
