import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EdgeMessage } from '../mqtt/edge-message.ts';
import type { Ledger } from '../store/group-commit.ts';
import { fromHead, toBody } from '../store/message-head.ts';
import { sizeOf } from './stored-queue.ts';

/** A device-to-cloud message as it would have reached IoT Hub. */
export interface UpstreamMessage extends EdgeMessage {
  readonly seq: number;
  readonly storedAt: Date;
}

export interface UpstreamBounds {
  readonly maxMessages: number;
  readonly maxBytes: number;
}

interface Counts {
  readonly count: number;
  readonly bytes: number;
  readonly total: number;
}

/**
 * What has reached `$upstream`: the local stand-in for the cloud. Bounded: beyond its bounds the oldest are dropped, because this is a record for a
 * developer to look at and nothing waits for it.
 */
export class UpstreamStore implements Ledger {
  readonly #append: StatementSync;
  readonly #read: StatementSync;
  readonly #trim: StatementSync;
  readonly #bounds: UpstreamBounds;
  #counts: Counts;
  #committed: Counts;

  constructor(database: DatabaseSync, bounds: UpstreamBounds) {
    this.#append = database.prepare('INSERT INTO upstream (stored_at, size, head, body) VALUES (?, ?, ?, ?)');
    this.#read = database.prepare('SELECT seq, stored_at, head, body FROM upstream WHERE seq > ? ORDER BY seq LIMIT ?');
    this.#trim = database.prepare(
      'DELETE FROM upstream WHERE seq IN (SELECT seq FROM upstream ORDER BY seq LIMIT ?) RETURNING size',
    );
    this.#bounds = bounds;
    const row = database
      .prepare(
        'SELECT count(*) AS count, coalesce(sum(size), 0) AS bytes, coalesce(max(seq), 0) AS total FROM upstream',
      )
      .get();
    this.#counts = { count: Number(row?.count), bytes: Number(row?.bytes), total: Number(row?.total) };
    this.#committed = this.#counts;
  }

  /** Inside a transaction of the caller's. `head` is what `toHead` makes of the message. */
  append(message: EdgeMessage, head: string, storedAt: number): UpstreamMessage {
    const size = sizeOf(head, message.body);
    const seq = Number(this.#append.run(storedAt, size, head, message.body).lastInsertRowid);
    const { count, bytes } = this.#counts;
    this.#counts = { count: count + 1, bytes: bytes + size, total: seq };
    while (this.#counts.count > 1 && this.#isOver()) this.#dropOldest();
    const { body, properties, systemProperties } = message;
    return { body, properties, systemProperties, seq, storedAt: new Date(storedAt) };
  }

  /** Messages that are there now. */
  get count(): number {
    return this.#counts.count;
  }

  /** Messages that ever came, the dropped ones included. */
  get total(): number {
    return this.#counts.total;
  }

  /** The messages behind `afterSeq`, oldest first, read in pages. */
  *messages(afterSeq = 0): Generator<UpstreamMessage> {
    let last = afterSeq;
    for (;;) {
      const rows = this.#read.all(last, 100);
      if (rows.length === 0) return;
      for (const row of rows) {
        last = Number(row.seq);
        const body = toBody(row.body);
        yield { ...fromHead(String(row.head)), body, seq: last, storedAt: new Date(Number(row.stored_at)) };
      }
    }
  }

  committed(): void {
    this.#committed = this.#counts;
  }

  rolledBack(): void {
    this.#counts = this.#committed;
  }

  #isOver(): boolean {
    return this.#counts.count > this.#bounds.maxMessages || this.#counts.bytes > this.#bounds.maxBytes;
  }

  // A tenth at a time, so that a full store does not delete on every message.
  #dropOldest(): void {
    const dropped = this.#trim.all(Math.ceil(this.#counts.count / 10));
    let { count, bytes } = this.#counts;
    count -= dropped.length;
    for (const { size } of dropped) bytes -= Number(size);
    this.#counts = { ...this.#counts, count, bytes };
  }
}
