import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EdgeMessage } from '../mqtt/edge-message.ts';
import { fromColumns, toColumns } from '../store/message-columns.ts';

/** A device-to-cloud message as it would have reached IoT Hub. */
export interface UpstreamMessage extends EdgeMessage {
  readonly seq: number;
  readonly storedAt: Date;
}

/**
 * What was routed to `$upstream`: the local stand-in for the cloud. Bounded: beyond `maxMessages` the oldest are dropped and counted, because
 * this is a record for a developer to look at and nothing waits for it.
 */
export class UpstreamStore {
  readonly #append: StatementSync;
  readonly #read: StatementSync;
  readonly #trim: StatementSync;
  readonly #maxMessages: number;
  readonly #counts: StatementSync;
  #count = 0;
  #total = 0;

  constructor(database: DatabaseSync, maxMessages: number) {
    this.#append = database.prepare(
      'INSERT INTO upstream (stored_at, properties, system_properties, body) VALUES (?, ?, ?, ?)',
    );
    this.#read = database.prepare(
      'SELECT seq, stored_at, properties, system_properties, body FROM upstream WHERE seq > ? ORDER BY seq LIMIT ?',
    );
    this.#trim = database.prepare('DELETE FROM upstream WHERE seq IN (SELECT seq FROM upstream ORDER BY seq LIMIT ?)');
    this.#maxMessages = maxMessages;
    this.#counts = database.prepare('SELECT count(*) AS count, coalesce(max(seq), 0) AS total FROM upstream');
    this.recount();
  }

  /** Counts anew: at the start, and after a transaction with messages in it was rolled back. */
  recount(): void {
    const row = this.#counts.get();
    this.#count = Number(row?.count ?? 0);
    this.#total = Number(row?.total ?? 0);
  }

  /** To be called inside a transaction of the caller's. */
  append(message: EdgeMessage, storedAt: number): UpstreamMessage {
    const { properties, systemProperties, body } = toColumns(message);
    const seq = Number(this.#append.run(storedAt, properties, systemProperties, body).lastInsertRowid);
    this.#count += 1;
    this.#total = Math.max(this.#total, seq);
    // A tenth at a time, so that a full store does not delete on every message.
    if (this.#count > this.#maxMessages) {
      this.#count -= Number(this.#trim.run(Math.ceil(this.#maxMessages / 10)).changes);
    }
    return { ...message, seq, storedAt: new Date(storedAt) };
  }

  /** Messages that are there now. */
  get count(): number {
    return this.#count;
  }

  /** Messages that were ever stored, the dropped ones included. */
  get total(): number {
    return this.#total;
  }

  /** The messages behind `afterSeq`, oldest first, read in pages. */
  *messages(afterSeq = 0): Generator<UpstreamMessage> {
    let last = afterSeq;
    for (;;) {
      const rows = this.#read.all(last, 100);
      if (rows.length === 0) return;
      for (const row of rows) {
        last = Number(row.seq);
        const message = fromColumns(row.properties, row.system_properties, row.body);
        yield { ...message, seq: last, storedAt: new Date(Number(row.stored_at)) };
      }
    }
  }
}
