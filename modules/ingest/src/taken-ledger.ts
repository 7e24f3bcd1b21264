import { DatabaseSync } from 'node:sqlite';
import { ConfigError, TransientError } from '@edgeveil/contracts';
import type { SourceFile } from './source-folder.ts';

export type TakenOutcome = 'stored' | 'rejected';

/** A file that is gone from its folder is forgotten after this long: an absent share must not look like an emptied one. */
const FORGET_AFTER_MS = 30 * 86_400_000;

/** Remembers which files were taken that stay in their folder, so that each is taken once. */
export class TakenLedger {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Throws ConfigError INGEST_LEDGER_UNUSABLE. */
  static open(path: string): TakenLedger {
    try {
      const database = new DatabaseSync(path);
      // A killed process loses nothing with NORMAL; a power cut may cost the last few, which are then taken again to the same ids.
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
      database.exec(`CREATE TABLE IF NOT EXISTS taken (
        source TEXT NOT NULL, path TEXT NOT NULL, size INTEGER NOT NULL, mtime_ms REAL NOT NULL,
        outcome TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (source, path)
      ) WITHOUT ROWID`);
      return new TakenLedger(database);
    } catch (cause) {
      throw new ConfigError('INGEST_LEDGER_UNUSABLE', `the ledger ${path} cannot be used`, {
        cause,
        details: { path },
      });
    }
  }

  /** The files of one source. Everything about them is held in memory: a poll asks about every file of the folder. */
  of(source: string): TakenFiles {
    return new TakenFiles(this.#database, source);
  }

  close(): void {
    this.#database.close();
  }
}

/** What was taken of one source. */
export class TakenFiles {
  readonly #database: DatabaseSync;
  readonly #source: string;
  readonly #taken = new Map<string, string>();

  constructor(database: DatabaseSync, source: string) {
    this.#database = database;
    this.#source = source;
    const rows = database.prepare('SELECT path, size, mtime_ms FROM taken WHERE source = ?').all(source);
    for (const row of rows) {
      this.#taken.set(String(row.path), versionOf({ size: Number(row.size), mtimeMs: Number(row.mtime_ms) }));
    }
  }

  /** Whether this very version of the file was taken. */
  has(file: SourceFile): boolean {
    return this.#taken.get(file.path) === versionOf(file);
  }

  /** Throws TransientError INGEST_LEDGER_WRITE. */
  add(file: SourceFile, outcome: TakenOutcome, atMs: number): void {
    try {
      this.#database
        .prepare(
          'INSERT OR REPLACE INTO taken (source, path, size, mtime_ms, outcome, at_ms) VALUES (?, ?, ?, ?, ?, ?)',
        )
        .run(this.#source, file.path, file.size, file.mtimeMs, outcome, Math.floor(atMs));
    } catch (cause) {
      throw new TransientError('INGEST_LEDGER_WRITE', 'the ledger of taken files cannot be written', { cause });
    }
    this.#taken.set(file.path, versionOf(file));
  }

  /** Forgets what was taken long ago and is not among the files that are there now. */
  forgetGone(present: readonly SourceFile[], nowMs: number): void {
    const paths = new Set(present.map(({ path }) => path));
    const old = this.#database
      .prepare('SELECT path FROM taken WHERE source = ? AND at_ms < ?')
      .all(this.#source, Math.floor(nowMs - FORGET_AFTER_MS));
    const remove = this.#database.prepare('DELETE FROM taken WHERE source = ? AND path = ?');
    for (const path of old.map((row) => String(row.path))) {
      if (!paths.has(path)) {
        remove.run(this.#source, path);
        this.#taken.delete(path);
      }
    }
  }
}

function versionOf({ size, mtimeMs }: { readonly size: number; readonly mtimeMs: number }): string {
  return `${size}:${mtimeMs}`;
}
