import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EdgeMessage } from '../mqtt/edge-message.ts';
import { fromColumns, toColumns } from '../store/message-columns.ts';

/** A message in the queue of one endpoint and priority. */
export interface QueuedMessage {
  /** Rises over all queues in the order of storing. */
  readonly seq: number;
  readonly message: EdgeMessage;
  /** Milliseconds since 1970; `undefined` for ever. */
  readonly expiresAt: number | undefined;
}

/**
 * The stored queues, one for each endpoint and priority. A message that goes to several endpoints lies there once for each: that costs disk with
 * wide fan-out, and saves a second table, a reference count and a join on the way that nearly every message takes.
 * None of the writing methods opens a transaction; the caller groups them.
 */
export class QueueStore {
  readonly #append: StatementSync;
  readonly #read: StatementSync;
  readonly #remove: StatementSync;
  readonly #counts: StatementSync;
  readonly #expire: StatementSync;
  readonly #dropEndpoint: StatementSync;
  readonly #endpoints: StatementSync;

  constructor(database: DatabaseSync) {
    this.#append = database.prepare(
      'INSERT INTO queue (endpoint, priority, stored_at, expires_at, properties, system_properties, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#read = database.prepare(
      'SELECT seq, expires_at, properties, system_properties, body FROM queue WHERE endpoint = ? AND priority = ? AND seq > ? ORDER BY seq LIMIT ?',
    );
    this.#remove = database.prepare('DELETE FROM queue WHERE seq = ?');
    this.#counts = database.prepare(
      'SELECT priority, count(*) AS count FROM queue WHERE endpoint = ? GROUP BY priority',
    );
    this.#expire = database.prepare('DELETE FROM queue WHERE expires_at IS NOT NULL AND expires_at <= ?');
    this.#dropEndpoint = database.prepare('DELETE FROM queue WHERE endpoint = ?');
    this.#endpoints = database.prepare('SELECT DISTINCT endpoint FROM queue');
  }

  append(
    endpoint: string,
    priority: number,
    message: EdgeMessage,
    storedAt: number,
    expiresAt: number | undefined,
  ): number {
    const { properties, systemProperties, body } = toColumns(message);
    const { lastInsertRowid } = this.#append.run(
      endpoint,
      priority,
      storedAt,
      expiresAt ?? null,
      properties,
      systemProperties,
      body,
    );
    return Number(lastInsertRowid);
  }

  /** The oldest messages behind `afterSeq`. */
  read(endpoint: string, priority: number, afterSeq: number, limit: number): QueuedMessage[] {
    return this.#read.all(endpoint, priority, afterSeq, limit).map((row) => ({
      seq: Number(row.seq),
      message: fromColumns(row.properties, row.system_properties, row.body),
      expiresAt: row.expires_at === null ? undefined : Number(row.expires_at),
    }));
  }

  remove(seq: number): void {
    this.#remove.run(seq);
  }

  /** How many messages wait, by priority. */
  counts(endpoint: string): Map<number, number> {
    return new Map(this.#counts.all(endpoint).map((row) => [Number(row.priority), Number(row.count)]));
  }

  /** Deletes what has expired; says how many. */
  expire(now: number): number {
    return Number(this.#expire.run(now).changes);
  }

  /** Deletes all that waits for an endpoint, which edgeHub does when the last route to it goes. */
  dropEndpoint(endpoint: string): number {
    return Number(this.#dropEndpoint.run(endpoint).changes);
  }

  endpoints(): string[] {
    return this.#endpoints.all().map((row) => String(row.endpoint));
  }
}
