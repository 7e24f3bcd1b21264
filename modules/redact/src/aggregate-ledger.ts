import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type Aggregate, type Detection, type Frame, TransientError } from '@edgeveil/contracts';
import { DamagedDatabaseError, openOrReplaceDamaged, sqliteResultCode } from '@edgeveil/module-kit';
import { z } from 'zod';

/** How long a sent window is remembered, for frames that come after it was sent: a line may be down for weeks. */
const WINDOW_MEMORY_MS = 31 * 24 * 3_600_000;
/** How long a counted frame is remembered after its end, for a duplicate that was on its way. */
const FRAME_MEMORY_MS = 3_600_000;

/** A window whose figures have changed since they were last sent. */
export interface DueWindow {
  readonly aggregate: Aggregate;
  /** What `markSent` needs to tell changes that came while it was sent. */
  readonly changes: number;
}

export interface DueOptions {
  readonly now: number;
  readonly graceMs: number;
  readonly limit: number;
}

const windowSchema = z.object({
  source: z.string(),
  start: z.number(),
  seconds: z.number(),
  frames: z.number(),
  counts: z.string(),
  changes: z.number(),
  revision: z.number(),
});
const countsSchema = z.record(z.string(), z.number());
const frameIdsSchema = z.array(z.object({ frame: z.string() }));

/**
 * Counts per source and window, kept on disk so that they survive kill -9, and idempotent by frame id: a frame that is
 * redacted again after a crash is counted once. WAL with `synchronous = NORMAL`: a killed process loses no commit; a
 * power cut may take back the last moments, which then miss in the figures. Writing throws TransientError
 * `AGGREGATES_UNWRITABLE` on a full or failing disk.
 */
export class AggregateLedger {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;

  private constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = prepare(database);
  }

  /** Opens or creates it. One that is damaged is put aside, `onDamage` is told, and an empty one takes its place. */
  static open(path: string, onDamage: (error: unknown) => void): Promise<AggregateLedger> {
    return openOrReplaceDamaged(path, (file) => AggregateLedger.#openSound(file), onDamage);
  }

  static #openSound(path: string): AggregateLedger {
    const database = new DatabaseSync(path);
    try {
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 4194304;');
      if (database.prepare('PRAGMA quick_check(1)').get()?.quick_check !== 'ok') {
        throw new DamagedDatabaseError('AGGREGATES_DAMAGED', 'the ledger of aggregates fails its integrity check');
      }
      database.exec(SCHEMA);
      return new AggregateLedger(database);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** Adds a frame to its window, once: a frame that was counted before changes nothing. */
  count(
    frame: Frame,
    detections: readonly Pick<Detection, 'label'>[],
    options: { windowSeconds: number; now: number },
  ): void {
    const { windowSeconds, now } = options;
    this.#write(() => {
      if (this.#statements.addFrame.run(frame.id, now).changes === 0) return;
      const capturedAt = Date.parse(frame.capturedAt);
      const start = capturedAt - (capturedAt % (windowSeconds * 1000));
      const key = [frame.source, start, windowSeconds] as const;
      const row = this.#statements.window.get(...key);
      const counts = new Map(row === undefined ? [] : Object.entries(parseWindow(row).counts));
      for (const { label } of detections) counts.set(label, (counts.get(label) ?? 0) + 1);
      this.#statements.putWindow.run(...key, JSON.stringify(Object.fromEntries(counts)), now, now);
    });
  }

  /** The frame has come to its end and will not be seen again, but for a duplicate that is on its way. */
  forget(frameId: string, now: number): void {
    this.#write(() => this.#statements.endFrame.run(now, frameId));
  }

  /**
   * Windows that are over by the grace and have changed, oldest first. A window that frames still come into is left
   * until it was quiet for the grace, but no longer than its own length, so that a backlog does not send one for each
   * frame. Each is given its next revision on disk before it is sent: no two sets of figures ever share one.
   */
  takeDue({ now, graceMs, limit }: DueOptions): DueWindow[] {
    return this.#write(() =>
      this.#statements.due.all(now - graceMs, now - graceMs, now, limit).map((row) => {
        const window = parseWindow(row);
        const revision = window.revision + 1;
        this.#statements.revise.run(revision, window.source, window.start, window.seconds);
        const aggregate: Aggregate = {
          source: window.source,
          windowStart: new Date(window.start).toISOString(),
          windowSeconds: window.seconds,
          frames: window.frames,
          counts: window.counts,
          revision,
        };
        return { aggregate, changes: window.changes };
      }),
    );
  }

  /** The hub has acknowledged these figures. */
  markSent({ aggregate, changes }: DueWindow): void {
    const start = Date.parse(aggregate.windowStart);
    this.#write(() => this.#statements.sent.run(changes, aggregate.source, start, aggregate.windowSeconds));
  }

  /** Frames that were counted long ago and never came to an end here: a crash fell between. */
  unfinished(now: number): string[] {
    return frameIdsSchema.parse(this.#statements.unfinished.all(now - FRAME_MEMORY_MS)).map(({ frame }) => frame);
  }

  /** Drops what no late or repeated frame can ask for any more. */
  prune(now: number): void {
    this.#write(() => {
      this.#statements.pruneFrames.run(now - FRAME_MEMORY_MS);
      this.#statements.pruneWindows.run(now - WINDOW_MEMORY_MS);
    });
  }

  close(): void {
    this.#database.close();
  }

  /** One transaction: all of it or nothing. */
  #write<T>(run: () => T): T {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      const result = run();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      // SQLite has rolled back by itself after some errors.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw isUnwritable(error)
        ? new TransientError('AGGREGATES_UNWRITABLE', 'the ledger of aggregates cannot be written', { cause: error })
        : error;
    }
  }
}

/**
 * `counted` holds frame ids; a window's `changes` counts up with each frame, `sent_changes` says how far the hub
 * knows.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS counted (
    frame TEXT PRIMARY KEY, counted_at INTEGER NOT NULL, ended_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS windows (
    source TEXT NOT NULL, start INTEGER NOT NULL, seconds INTEGER NOT NULL,
    frames INTEGER NOT NULL DEFAULT 0, counts TEXT NOT NULL DEFAULT '{}', revision INTEGER NOT NULL DEFAULT 0,
    changes INTEGER NOT NULL DEFAULT 0, sent_changes INTEGER NOT NULL DEFAULT 0,
    changed_at INTEGER NOT NULL, unsent_since INTEGER NOT NULL,
    PRIMARY KEY (source, start, seconds)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS windows_unsent ON windows (start) WHERE changes > sent_changes;
`;

function prepare(database: DatabaseSync) {
  const statement = (sql: string): StatementSync => database.prepare(sql);
  return {
    addFrame: statement('INSERT OR IGNORE INTO counted (frame, counted_at) VALUES (?, ?)'),
    endFrame: statement('UPDATE counted SET ended_at = ? WHERE frame = ?'),
    unfinished: statement('SELECT frame FROM counted WHERE ended_at IS NULL AND counted_at <= ?'),
    pruneFrames: statement('DELETE FROM counted WHERE ended_at <= ?'),
    window: statement('SELECT * FROM windows WHERE source = ? AND start = ? AND seconds = ?'),
    putWindow: statement(`
      INSERT INTO windows (source, start, seconds, counts, changed_at, unsent_since, frames, changes)
      VALUES (?, ?, ?, ?, ?, ?, 1, 1)
      ON CONFLICT DO UPDATE SET frames = frames + 1, counts = excluded.counts, changes = changes + 1,
        changed_at = excluded.changed_at,
        unsent_since = iif(changes = sent_changes, excluded.unsent_since, unsent_since)`),
    due: statement(`
      SELECT * FROM windows
      WHERE changes > sent_changes AND start + seconds * 1000 <= ?
        AND (changed_at <= ? OR unsent_since + seconds * 1000 <= ?)
      ORDER BY start LIMIT ?`),
    revise: statement('UPDATE windows SET revision = ? WHERE source = ? AND start = ? AND seconds = ?'),
    sent: statement('UPDATE windows SET sent_changes = ? WHERE source = ? AND start = ? AND seconds = ?'),
    pruneWindows: statement('DELETE FROM windows WHERE changes = sent_changes AND changed_at <= ?'),
  };
}

function parseWindow(row: unknown) {
  const { counts, ...window } = windowSchema.parse(row);
  return { ...window, counts: countsSchema.parse(JSON.parse(counts)) };
}

/** SQLite's primary result codes, https://www.sqlite.org/rescode.html */
const UNWRITABLE = [5 /* BUSY */, 8 /* READONLY */, 10 /* IOERR */, 13 /* FULL */];

function isUnwritable(error: unknown): boolean {
  return UNWRITABLE.includes(sqliteResultCode(error));
}
