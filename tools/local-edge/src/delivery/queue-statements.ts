import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** What is asked of the table of queued messages, prepared once for all queues. A queue is the range of numbers from `base` to `end`, both exclusive. */
export interface QueueStatements {
  /** (id, endpoint, priority) */
  readonly register: StatementSync;
  /** (id) */
  readonly unregister: StatementSync;
  /** (seq, expires_at, size, head, body) */
  readonly append: StatementSync;
  /** (after, end, limit) */
  readonly read: StatementSync;
  /** (base, last) */
  readonly removeUpTo: StatementSync;
  /** (after, end, now) */
  readonly countExpired: StatementSync;
  readonly expire: StatementSync;
}

export function prepareQueueStatements(database: DatabaseSync): QueueStatements {
  return {
    register: database.prepare('INSERT OR REPLACE INTO queues (id, endpoint, priority) VALUES (?, ?, ?)'),
    unregister: database.prepare('DELETE FROM queues WHERE id = ?'),
    append: database.prepare('INSERT INTO queue (seq, expires_at, size, head, body) VALUES (?, ?, ?, ?, ?)'),
    read: database.prepare(
      'SELECT seq, expires_at, size, head, body FROM queue WHERE seq > ? AND seq < ? ORDER BY seq LIMIT ?',
    ),
    removeUpTo: database.prepare('DELETE FROM queue WHERE seq > ? AND seq <= ?'),
    countExpired: database.prepare(
      'SELECT count(*) AS count, coalesce(sum(size), 0) AS bytes FROM queue WHERE seq > ? AND seq < ? AND expires_at <= ?',
    ),
    expire: database.prepare('DELETE FROM queue WHERE seq > ? AND seq < ? AND expires_at <= ?'),
  };
}
