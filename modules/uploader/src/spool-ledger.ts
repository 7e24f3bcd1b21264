import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { TransientError } from '@edgeveil/contracts';
import { DamagedDatabaseError, openOrReplaceDamaged, sqliteResultCode } from '@edgeveil/module-kit';
import { z } from 'zod';

export interface NewSpoolEntry {
  readonly id: string;
  /** Tells the content of the file from other content of the same id. */
  readonly version: string;
  readonly bytes: number;
}

/** What the spool knows about one item without opening its file. Times are of the running process: in ms, on its monotonic clock. */
export interface SpoolEntry extends NewSpoolEntry {
  /** Attempts that were begun. */
  readonly attempts: number;
  /** Attempts that ended with this very item being refused, and when the first of these was. */
  readonly rejections: number;
  readonly rejectedSince: number | undefined;
}

const entrySchema = z
  .object({
    id: z.string(),
    version: z.string(),
    bytes: z.number(),
    attempts: z.number(),
    rejections: z.number(),
    rejected_since: z.number().nullable(),
  })
  .transform(({ rejected_since, ...entry }): SpoolEntry => ({ ...entry, rejectedSince: rejected_since ?? undefined }));

const totalsSchema = z.object({ items: z.number(), bytes: z.number() });
const idSchema = z.object({ id: z.string() });
const timeSchema = z.object({ at: z.number().nullable() });

/** Goes up with each change of the table. A ledger of another form is made anew from the files, as a damaged one is. */
const FORM = 1;

/** A predecessor that is still stopping may hold the file for a moment. */
const BUSY_TIMEOUT_MS = 5000;

const COLUMNS = 'id, version, bytes, attempts, rejections, rejected_since';

/**
 * The spool's table of contents: order, attempts, when each is due. The sealed files are the truth and rows can be made
 * again from them, so a commit that a power cut takes back is no loss: hence WAL with `synchronous = NORMAL`, which spares two
 * fsyncs an item. A killed process loses no commit. Writing throws TransientError `SPOOL_LEDGER_UNWRITABLE` on a full or failing disk.
 */
export class SpoolLedger {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;
  #items: number;
  #bytes: number;

  private constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = prepare(database);
    ({ items: this.#items, bytes: this.#bytes } = totalsSchema.parse(this.#statements.totals.get()));
  }

  /**
   * Opens or creates it. One that is damaged or of another form is put aside, `onDamage` is told, and an empty one takes its place.
   * @throws TransientError `SPOOL_LEDGER_UNWRITABLE`.
   */
  static async open(path: string, onDamage: (error: unknown) => void): Promise<SpoolLedger> {
    try {
      return await openOrReplaceDamaged(path, (file) => SpoolLedger.#openSound(file), onDamage);
    } catch (error) {
      throw asLedgerError(error);
    }
  }

  /** One that ends with the process, for a disk that takes none. */
  static openInMemory(): SpoolLedger {
    return SpoolLedger.#openSound(':memory:');
  }

  static #openSound(path: string): SpoolLedger {
    const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    try {
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
      // A log of 1 MB instead of 4: the disk may be small and nearly full
      database.exec('PRAGMA wal_autocheckpoint = 250; PRAGMA journal_size_limit = 1048576;');
      const isSound = database.prepare('PRAGMA quick_check(1)').get()?.quick_check === 'ok';
      if (!isSound || !isOfThisForm(database)) {
        throw new DamagedDatabaseError('SPOOL_LEDGER_DAMAGED', 'the spool ledger is damaged or of another form');
      }
      database.exec(`
        PRAGMA user_version = ${FORM};
        CREATE TABLE IF NOT EXISTS spool (
          id TEXT PRIMARY KEY, version TEXT NOT NULL, bytes INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
          next_attempt_at INTEGER NOT NULL DEFAULT 0, rejections INTEGER NOT NULL DEFAULT 0, rejected_since INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS spool_next_attempt ON spool (next_attempt_at, id);
        -- Times of an earlier life mean nothing in this one: everything is due, and refusals are counted on
        UPDATE spool SET next_attempt_at = 0, rejected_since = NULL
          WHERE next_attempt_at <> 0 OR rejected_since IS NOT NULL;
      `);
      return new SpoolLedger(database);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  get items(): number {
    return this.#items;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(id: string): SpoolEntry | undefined {
    return parseEntry(this.#statements.get.get(id));
  }

  /** Adds an entry or, when the id is there, starts it anew with other content. */
  put({ id, version, bytes }: NewSpoolEntry): void {
    const before = this.get(id);
    this.#write(() => this.#statements.put.run(id, version, bytes));
    this.#items += before === undefined ? 1 : 0;
    this.#bytes += bytes - (before?.bytes ?? 0);
  }

  delete(id: string): void {
    const before = this.get(id);
    if (before === undefined) return;
    this.#write(() => this.#statements.delete.run(id));
    this.#items -= 1;
    this.#bytes -= before.bytes;
  }

  /** Ids sort by capture time. */
  oldestId(): string | undefined {
    const row = this.#statements.oldest.get();
    return row === undefined ? undefined : idSchema.parse(row).id;
  }

  /** The first that are due at `now`, oldest first. */
  due(now: number, limit: number): readonly SpoolEntry[] {
    return this.#statements.due.all(now, limit).map((row) => entrySchema.parse(row));
  }

  /** Those that have waited longest for their turn, due or not; never tried ones first, and oldest first among them. */
  longestWaiting(limit: number): readonly SpoolEntry[] {
    return this.#statements.longestWaiting.all(limit).map((row) => entrySchema.parse(row));
  }

  /** When the next of those that are not due at `now` becomes due. */
  nextDueAfter(now: number): number | undefined {
    return timeSchema.parse(this.#statements.nextDue.get(now)).at ?? undefined;
  }

  /** Counts an attempt before it is made, so that the next life knows that something may have got through. */
  countAttempt(id: string): void {
    this.#write(() => this.#statements.countAttempt.run(id));
  }

  defer(id: string, until: number): void {
    this.#write(() => this.#statements.defer.run(until, id));
  }

  countRejection(id: string, now: number): void {
    this.#write(() => this.#statements.countRejection.run(now, id));
  }

  /** Makes everything due. */
  releaseAll(): void {
    this.#write(() => this.#statements.releaseAll.run());
  }

  *ids(): Iterable<string> {
    for (const row of this.#statements.ids.iterate()) yield idSchema.parse(row).id;
  }

  close(): void {
    this.#database.close();
  }

  #write(run: () => unknown): void {
    try {
      run();
    } catch (error) {
      throw asLedgerError(error);
    }
  }
}

function prepare(database: DatabaseSync) {
  const statement = (sql: string): StatementSync => database.prepare(sql);
  return {
    totals: statement('SELECT count(*) AS items, coalesce(sum(bytes), 0) AS bytes FROM spool'),
    get: statement(`SELECT ${COLUMNS} FROM spool WHERE id = ?`),
    put: statement('INSERT OR REPLACE INTO spool (id, version, bytes) VALUES (?, ?, ?)'),
    delete: statement('DELETE FROM spool WHERE id = ?'),
    oldest: statement('SELECT id FROM spool ORDER BY id LIMIT 1'),
    // The + keeps the planner on the primary key: with the index it would sort the whole spool for each item
    due: statement(`SELECT ${COLUMNS} FROM spool WHERE +next_attempt_at <= ? ORDER BY id LIMIT ?`),
    longestWaiting: statement(`SELECT ${COLUMNS} FROM spool ORDER BY next_attempt_at, id LIMIT ?`),
    nextDue: statement('SELECT min(next_attempt_at) AS at FROM spool WHERE next_attempt_at > ?'),
    countAttempt: statement('UPDATE spool SET attempts = attempts + 1 WHERE id = ?'),
    defer: statement('UPDATE spool SET next_attempt_at = ? WHERE id = ?'),
    countRejection: statement(
      'UPDATE spool SET rejections = rejections + 1, rejected_since = coalesce(rejected_since, ?) WHERE id = ?',
    ),
    releaseAll: statement('UPDATE spool SET next_attempt_at = 0 WHERE next_attempt_at > 0'),
    ids: statement('SELECT id FROM spool ORDER BY id'),
  };
}

function parseEntry(row: unknown): SpoolEntry | undefined {
  return row === undefined ? undefined : entrySchema.parse(row);
}

function isOfThisForm(database: DatabaseSync): boolean {
  const isNew = database.prepare('SELECT 1 FROM sqlite_master LIMIT 1').get() === undefined;
  return isNew || database.prepare('PRAGMA user_version').get()?.user_version === FORM;
}

/** SQLite's primary result codes, https://www.sqlite.org/rescode.html */
const UNWRITABLE = [5 /* BUSY */, 8 /* READONLY */, 10 /* IOERR */, 13 /* FULL */, 14 /* CANTOPEN */];

function asLedgerError(error: unknown): unknown {
  return UNWRITABLE.includes(sqliteResultCode(error))
    ? new TransientError('SPOOL_LEDGER_UNWRITABLE', 'the spool ledger cannot be written', { cause: error })
    : error;
}
