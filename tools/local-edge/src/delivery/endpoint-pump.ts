import type { EndpointQueue } from './endpoint-queue.ts';
import type { MessageWindow } from './message-window.ts';
import type { InputSource, ModuleChannel } from './module-channel.ts';
import type { QueuedMessage } from './stored-queue.ts';

export interface EndpointPumpOptions {
  readonly queue: EndpointQueue;
  readonly channel: Pick<ModuleChannel, 'ready'>;
  /** The beginning of the topic, up to and including the slash before the properties. */
  readonly topic: string;
  /** A message has gone from the queue: it was delivered, or has expired. */
  readonly onRemoved: (queued: QueuedMessage, reason: 'delivered' | 'expired') => void;
  readonly clock: () => number;
}

// edgeHub looks for a higher priority again after at most this many messages.
const batchSize = 10;
// So that a queue that is all expired does not keep the event loop.
const maxExpiredAtOnce = 200;

/** Empties one endpoint's queue, one message after the other; a message that is not acknowledged is delivered again. */
export class EndpointPump implements InputSource {
  readonly #options: EndpointPumpOptions;
  #window: MessageWindow | undefined;
  #left = 0;
  #isStopped = false;

  constructor(options: EndpointPumpOptions) {
    this.#options = options;
  }

  /** Delivers what an earlier run has left. */
  start(): void {
    this.#options.channel.ready(this);
  }

  /** Tells of a message that has just been committed. */
  push(priority: number, queued: QueuedMessage): void {
    this.#options.queue.push(priority, queued);
    this.#options.channel.ready(this);
  }

  /** Ends; a delivery under way may still be acknowledged, and counts then as if it had not been. */
  stop(): void {
    this.#isStopped = true;
  }

  next(): { readonly topic: string; readonly body: Buffer } | undefined {
    const { topic, clock } = this.#options;
    for (let expired = 0; !this.#isStopped; expired += 1) {
      const queued = this.#head();
      if (queued === undefined) return undefined;
      if (queued.expiresAt === undefined || queued.expiresAt > clock()) {
        return { topic: topic + queued.head, body: queued.body };
      }
      if (expired === maxExpiredAtOnce) {
        setImmediate(() => this.#options.channel.ready(this));
        return undefined;
      }
      this.#remove(queued, 'expired');
    }
    return undefined;
  }

  settled(isAcknowledged: boolean): void {
    if (this.#isStopped) return;
    const queued = this.#window?.head();
    if (isAcknowledged && queued !== undefined) this.#remove(queued, 'delivered');
    else this.#left = 0;
  }

  #head(): QueuedMessage | undefined {
    const current = this.#left > 0 ? this.#window?.head() : undefined;
    if (current !== undefined) return current;
    this.#window = this.#options.queue.first();
    this.#left = batchSize;
    return this.#window?.head();
  }

  #remove(queued: QueuedMessage, reason: 'delivered' | 'expired'): void {
    this.#window?.shift();
    this.#left -= 1;
    this.#options.onRemoved(queued, reason);
  }
}
