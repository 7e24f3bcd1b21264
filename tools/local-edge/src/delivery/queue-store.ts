import type { DatabaseSync } from 'node:sqlite';
import { ConfigError } from '@edgeveil/contracts';
import type { Ledger } from '../store/group-commit.ts';
import { prepareQueueStatements, type QueueStatements } from './queue-statements.ts';
import { maxQueues, queueStride, StoredQueue } from './stored-queue.ts';

/** How much waits in one queue. */
export interface QueueStatus {
  /** `D/module/input`, or `$upstream`. */
  readonly endpoint: string;
  /** 0 to 9, or 2 000 000 000 for routes without one. */
  readonly priority: number;
  readonly messages: number;
  /** Of bodies and properties. */
  readonly bytes: number;
}

/**
 * The stored queues, one for each endpoint and priority. A message that goes to several endpoints lies there once for each: that costs disk with
 * wide fan-out, and saves a second table, a reference count and a join on the way that nearly every message takes. What is delivered is deleted
 * from the front of its queue, many messages with one statement.
 * None of the writing methods opens a transaction; the caller groups them.
 */
export class QueueStore implements Ledger {
  readonly #statements: QueueStatements;
  readonly #queues = new Map<string, StoredQueue>();
  readonly #touched = new Set<StoredQueue>();
  readonly #removals = new Set<StoredQueue>();

  constructor(database: DatabaseSync) {
    this.#statements = prepareQueueStatements(database);
    const stored = new Map(
      database
        .prepare(
          `SELECT seq / ${queueStride} AS id, count(*) AS messages, sum(size) AS bytes, max(seq) AS last FROM queue GROUP BY 1`,
        )
        .all()
        .map(({ id, messages, bytes, last }) => [
          Number(id),
          { messages: Number(messages), bytes: Number(bytes), last: Number(last) },
        ]),
    );
    for (const row of database.prepare('SELECT id, endpoint, priority FROM queues').all()) {
      const counts = stored.get(Number(row.id)) ?? { messages: 0, bytes: 0, last: 0 };
      this.#add(String(row.endpoint), Number(row.priority), Number(row.id), counts);
    }
  }

  /** The queue of an endpoint and priority; made at first mention, and stored with its first message. @throws ConfigError EDGE_TOO_MANY_QUEUES */
  open(endpoint: string, priority: number): StoredQueue {
    return (
      this.#queues.get(keyOf(endpoint, priority)) ?? this.#add(endpoint, priority, this.#freeId(endpoint), undefined)
    );
  }

  /** The queues of an endpoint, or all. */
  queues(endpoint?: string): StoredQueue[] {
    const all = [...this.#queues.values()];
    return endpoint === undefined ? all : all.filter((queue) => queue.endpoint === endpoint);
  }

  endpoints(): string[] {
    return [...new Set(this.queues().map(({ endpoint }) => endpoint))];
  }

  /** What waits in all queues together. */
  get bytes(): number {
    let bytes = 0;
    for (const queue of this.#queues.values()) bytes += queue.bytes;
    return bytes;
  }

  /** Sorted by endpoint and priority. */
  status(): QueueStatus[] {
    return this.queues()
      .map(({ endpoint, priority, messages, bytes }) => ({ endpoint, priority, messages, bytes }))
      .sort((a, b) => (a.endpoint < b.endpoint ? -1 : a.endpoint > b.endpoint ? 1 : a.priority - b.priority));
  }

  /** Inside a transaction: deletes all that waits for an endpoint, which edgeHub does when the last route to it goes. @returns how many */
  dropEndpoint(endpoint: string): number {
    let count = 0;
    for (const queue of this.queues(endpoint)) {
      count += queue.messages;
      queue.drop();
    }
    return count;
  }

  /** Forgets the queues of an endpoint that was dropped and committed. */
  forget(endpoint: string): void {
    for (const queue of this.queues(endpoint)) {
      queue.forget();
      this.#queues.delete(keyOf(endpoint, queue.priority));
      this.#removals.delete(queue);
    }
  }

  prepare(isDue: boolean): void {
    if (!isDue) return;
    for (const queue of this.#removals) queue.writeRemovals();
  }

  committed(): void {
    for (const queue of this.#removals) if (queue.isCleared) this.#removals.delete(queue);
    for (const queue of this.#touched) queue.committed();
    this.#touched.clear();
  }

  rolledBack(): void {
    for (const queue of this.#removals) queue.removalsRolledBack();
    for (const queue of this.#touched) queue.rolledBack();
    this.#touched.clear();
  }

  #add(
    endpoint: string,
    priority: number,
    id: number,
    stored: { messages: number; bytes: number; last: number } | undefined,
  ): StoredQueue {
    const shared = { statements: this.#statements, touched: this.#touched, removals: this.#removals };
    const queue = new StoredQueue({ endpoint, priority, id, stored, ...shared });
    this.#queues.set(keyOf(endpoint, priority), queue);
    return queue;
  }

  #freeId(endpoint: string): number {
    const taken = new Set(this.queues().map(({ id }) => id));
    for (let id = 1; id <= maxQueues; id += 1) if (!taken.has(id)) return id;
    throw new ConfigError('EDGE_TOO_MANY_QUEUES', `no queue is left for ${endpoint}: there are ${maxQueues}`);
  }
}

function keyOf(endpoint: string, priority: number): string {
  return `${priority} ${endpoint}`;
}
