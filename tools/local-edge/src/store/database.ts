import { DatabaseSync } from 'node:sqlite';
import { ConfigError } from '@edgeveil/contracts';

/** The layout below. A state folder of another version is refused rather than guessed at. */
const schemaVersion = 2;

const schema = `
CREATE TABLE queues (
  id INTEGER PRIMARY KEY,
  endpoint TEXT NOT NULL,
  priority INTEGER NOT NULL,
  UNIQUE (endpoint, priority)
) STRICT;
CREATE TABLE queue (
  seq INTEGER PRIMARY KEY,
  expires_at INTEGER,
  size INTEGER NOT NULL,
  head TEXT NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE TABLE upstream (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  stored_at INTEGER NOT NULL,
  size INTEGER NOT NULL,
  head TEXT NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE subscriptions (
  client_id TEXT NOT NULL,
  filter TEXT NOT NULL,
  qos INTEGER NOT NULL,
  PRIMARY KEY (client_id, filter)
) STRICT, WITHOUT ROWID;
CREATE TABLE twins (
  id TEXT PRIMARY KEY,
  desired TEXT NOT NULL,
  desired_version INTEGER NOT NULL,
  manifest_desired TEXT,
  reported TEXT NOT NULL,
  reported_version INTEGER NOT NULL,
  told_version INTEGER,
  told_desired TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE identities (
  id TEXT PRIMARY KEY,
  key TEXT NOT NULL,
  generation_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;

/**
 * Opens the hub's database, making it at first use. In WAL mode with synchronous=NORMAL a commit is in the kernel's hands when it returns: it
 * survives a kill of the process, and only a power cut can take the last commits (as with the real hub's RocksDB). The log may grow to 8 MB
 * before it is written back: what is delivered by then was never written but to the log.
 * @throws ConfigError EDGE_STATE_UNUSABLE
 */
export function openDatabase(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path);
    database.exec(
      'PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=2000; PRAGMA cache_size=-8000; PRAGMA wal_autocheckpoint=2000;',
    );
    const version = database.prepare('PRAGMA user_version').get()?.user_version;
    if (version === 0) database.exec(`BEGIN; ${schema} PRAGMA user_version=${schemaVersion}; COMMIT;`);
    else if (version !== schemaVersion) {
      database.close();
      throw new ConfigError(
        'EDGE_STATE_UNUSABLE',
        `${path} has layout version ${version}, this program knows ${schemaVersion}; start with a fresh state folder`,
      );
    }
    return database;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError('EDGE_STATE_UNUSABLE', `cannot open the database ${path}`, { cause: error });
  }
}
