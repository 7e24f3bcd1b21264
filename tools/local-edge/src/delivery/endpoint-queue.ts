import { MessageWindow } from './message-window.ts';
import type { QueuedMessage, QueueStore } from './queue-store.ts';

/** All that waits for one endpoint: a window for each priority. */
export class EndpointQueue {
  readonly #store: QueueStore;
  readonly #endpoint: string;
  readonly #windows = new Map<number, MessageWindow>();
  #priorities: number[] = [];

  constructor(store: QueueStore, endpoint: string) {
    this.#store = store;
    this.#endpoint = endpoint;
    for (const priority of store.counts(endpoint).keys()) this.#open(priority, true);
  }

  push(priority: number, queued: QueuedMessage): void {
    (this.#windows.get(priority) ?? this.#open(priority, false)).push(queued);
  }

  /** The window of the highest priority that has a message. */
  first(): MessageWindow | undefined {
    for (const priority of this.#priorities) {
      const window = this.#windows.get(priority);
      if (window?.head() !== undefined) return window;
    }
    return undefined;
  }

  #open(priority: number, isSpilled: boolean): MessageWindow {
    const window = new MessageWindow(this.#store, this.#endpoint, priority, isSpilled);
    this.#windows.set(priority, window);
    this.#priorities = [...this.#windows.keys()].sort((a, b) => a - b);
    return window;
  }
}
