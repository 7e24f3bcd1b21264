import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EndpointQueue } from './endpoint-queue.ts';
import type { MessageWindow } from './message-window.ts';
import type { QueuedMessage } from './queue-store.ts';

/** Brings messages to where an endpoint leads. */
export interface Delivery {
  /**
   * Resolves true once the receiver has acknowledged the message, false when it did not: not connected, connection lost, no
   * acknowledgement in time. May wait for the receiver as long as the signal allows. Never rejects.
   */
  deliver(queued: QueuedMessage, signal: AbortSignal): Promise<boolean>;
}

export interface EndpointPumpOptions {
  readonly queue: EndpointQueue;
  readonly delivery: Delivery;
  /** Takes a message out of the store: it was delivered, or has expired. */
  readonly remove: (queued: QueuedMessage, reason: 'delivered' | 'expired') => void;
  readonly clock: () => number;
}

// edgeHub looks for a higher priority again after at most this many messages.
const batchSize = 10;

/** Empties one endpoint's queue, one message after the other; a message that is not acknowledged is delivered again. */
export class EndpointPump {
  readonly #options: EndpointPumpOptions;
  readonly #stop = new AbortController();
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;

  constructor(options: EndpointPumpOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  push(priority: number, queued: QueuedMessage): void {
    this.#options.queue.push(priority, queued);
    this.#wake?.();
  }

  /** Resolves when no delivery is under way any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const window = this.#options.queue.first();
      if (window === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      } else {
        await this.#batch(window);
      }
    }
  }

  async #batch(window: MessageWindow): Promise<void> {
    const { delivery, remove, clock } = this.#options;
    const { signal } = this.#stop;
    for (let count = 0; count < batchSize && !signal.aborted; count += 1) {
      const queued = window.head();
      if (queued === undefined) return;
      const isExpired = queued.expiresAt !== undefined && queued.expiresAt <= clock();
      if (!isExpired && !(await delivery.deliver(queued, signal))) {
        // Whatever made it fail at once gets a turn of the event loop to be noticed.
        await nextTurn();
        return;
      }
      window.shift();
      remove(queued, isExpired ? 'expired' : 'delivered');
    }
  }
}
