import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DamagedDatabaseError, openOrReplaceDamaged, sqliteResultCode } from './damaged-database.ts';

describe('openOrReplaceDamaged', () => {
  let dir: string;
  let path: string;
  let told: unknown[];

  const open = (file: string): string => {
    const database = new DatabaseSync(file);
    try {
      database.exec('CREATE TABLE IF NOT EXISTS t (x)');
      return String(database.prepare('SELECT count(*) AS n FROM t').get()?.n);
    } finally {
      database.close();
    }
  };

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-database-'));
    path = join(dir, 'a.db');
    told = [];
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('puts a file aside that is no database, tells it, and opens a new one', async () => {
    await writeFile(path, 'this is no database, but long enough to be read as one'.repeat(30));
    assert.equal(await openOrReplaceDamaged(path, open, (error) => told.push(sqliteResultCode(error))), '0');
    assert.deepEqual(told, [26]);
    assert.match(await readFile(`${path}.damaged`, 'utf8'), /^this is no database/);
  });

  it('does the same when the caller finds it damaged', async () => {
    open(path);
    let calls = 0;
    const picky = (file: string): string => {
      calls += 1;
      if (calls === 1) throw new DamagedDatabaseError('TEST_DAMAGED', 'of another form');
      return open(file);
    };
    assert.equal(await openOrReplaceDamaged(path, picky, (error) => told.push(error)), '0');
    assert.equal(told.length, 1);
  });

  it('passes any other failure on and leaves the file alone', async () => {
    open(path);
    const failing = (): never => {
      throw new TypeError('something else');
    };
    await assert.rejects(
      openOrReplaceDamaged(path, failing, (error) => told.push(error)),
      TypeError,
    );
    assert.deepEqual(told, []);
    assert.equal(open(path), '0');
  });
});
