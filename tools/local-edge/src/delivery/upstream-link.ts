import type { EdgeMessage } from '../mqtt/edge-message.ts';
import type { Ledger } from '../store/group-commit.ts';
import { fromHead, toHead } from '../store/message-head.ts';
import type { QueueStore } from './queue-store.ts';
import type { QueuedMessage, StoredQueue } from './stored-queue.ts';
import type { UpstreamMessage, UpstreamStore } from './upstream-store.ts';

export interface UpstreamLinkOptions {
  readonly queues: QueueStore;
  readonly store: UpstreamStore;
  readonly clock: () => number;
  readonly isOffline: boolean;
  /** Has the next transaction come soon: there is something to drain. */
  readonly wake: () => void;
  readonly onArrived: (message: UpstreamMessage) => void;
  readonly onExpired: (queued: QueuedMessage) => void;
}

const endpoint = '$upstream';
const maxMessages = 64;
const maxBytes = 1_048_576;

/**
 * The way to the cloud. While it is cut, messages wait in queues by priority, with their time to live; afterwards they arrive in order, each
 * exactly once, because the step from the queue into the cloud's record is one transaction. What comes while older messages wait goes behind them.
 */
export class UpstreamLink implements Ledger {
  readonly #options: UpstreamLinkOptions;
  #isOffline: boolean;
  #arrived: UpstreamMessage[] = [];
  #expired: QueuedMessage[] = [];

  constructor(options: UpstreamLinkOptions) {
    this.#options = options;
    this.#isOffline = options.isOffline;
  }

  get isOffline(): boolean {
    return this.#isOffline;
  }

  setOffline(isOffline: boolean): void {
    this.#isOffline = isOffline;
    this.#options.wake();
  }

  /** Inside a transaction of the caller's. */
  append(message: EdgeMessage, priority: number, expiresAt: number | undefined): void {
    const { queues, store, clock } = this.#options;
    const head = toHead(message);
    if (this.#isOffline || this.#next() !== undefined) {
      queues.open(endpoint, priority).append(head, message.body, expiresAt);
    } else this.#arrived.push(store.append(message, head, clock()));
  }

  /** Moves what waits, some of it with each transaction. */
  prepare(): void {
    const queue = this.#isOffline ? undefined : this.#next();
    if (queue === undefined) return;
    const { store, clock } = this.#options;
    const now = clock();
    const batch = queue.read(0, maxMessages, maxBytes);
    for (const queued of batch) {
      if (queued.expiresAt !== undefined && queued.expiresAt <= now) this.#expired.push(queued);
      else {
        const message = { ...fromHead(queued.head), body: queued.body };
        this.#arrived.push(store.append(message, queued.head, now));
      }
    }
    queue.removeNow(batch);
  }

  committed(): void {
    const { onArrived, onExpired, wake } = this.#options;
    const [arrived, expired] = [this.#arrived, this.#expired];
    this.#arrived = [];
    this.#expired = [];
    if (arrived.length > 0 || expired.length > 0) {
      // What a listener throws is not the transaction's.
      queueMicrotask(() => {
        for (const message of arrived) onArrived(message);
        for (const queued of expired) onExpired(queued);
      });
    }
    if (!this.#isOffline && this.#next() !== undefined) wake();
  }

  rolledBack(): void {
    this.#arrived = [];
    this.#expired = [];
  }

  /** The queue of the highest priority that has a message. */
  #next(): StoredQueue | undefined {
    let next: StoredQueue | undefined;
    for (const queue of this.#options.queues.queues(endpoint)) {
      if (queue.messages > 0 && (next === undefined || queue.priority < next.priority)) next = queue;
    }
    return next;
  }
}
