import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SpoolLedger } from './spool-ledger.ts';

describe('SpoolLedger', () => {
  let dir: string;
  let path: string;
  let ledger: SpoolLedger;
  let damage: unknown[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-ledger-'));
    path = join(dir, 'spool.db');
    damage = [];
    ledger = await SpoolLedger.open(path, (error) => damage.push(error));
  });

  afterEach(async () => {
    ledger.close();
    await rm(dir, { recursive: true, force: true });
  });

  async function reopen(): Promise<void> {
    ledger = await SpoolLedger.open(path, (error) => damage.push(error));
  }

  const put = (id: string, bytes = 100): void => ledger.put({ id, version: `one of ${id}`, bytes });
  const idsDue = (now: number, limit = 10): string[] => ledger.due(now, limit).map(({ id }) => id);

  it('gives the oldest first, whatever the order of arrival', () => {
    for (const id of ['c', 'a', 'b']) put(id);
    assert.deepEqual(idsDue(0), ['a', 'b', 'c']);
    assert.deepEqual(idsDue(0, 2), ['a', 'b']);
    assert.equal(ledger.oldestId(), 'a');
  });

  it('holds back what is not due', () => {
    for (const id of ['a', 'b', 'c']) put(id);
    ledger.defer('a', 2000);
    ledger.defer('b', 1000);
    assert.deepEqual(idsDue(999), ['c']);
    assert.equal(ledger.nextDueAfter(999), 1000);
    assert.deepEqual(idsDue(2000), ['a', 'b', 'c']);
    assert.deepEqual(
      ledger.longestWaiting(3).map(({ id }) => id),
      ['c', 'b', 'a'],
    );
    ledger.releaseAll();
    assert.deepEqual(idsDue(0), ['a', 'b', 'c']);
  });

  it('keeps count of items and bytes, also when one is replaced or deleted twice', () => {
    put('a', 100);
    put('b', 50);
    put('a', 30);
    assert.deepEqual([ledger.items, ledger.bytes], [2, 80]);
    ledger.delete('a');
    ledger.delete('a');
    assert.deepEqual([ledger.items, ledger.bytes], [1, 50]);
  });

  it('starts a replaced item anew', () => {
    put('a');
    ledger.countAttempt('a');
    ledger.countRejection('a', 5);
    put('a');
    assert.deepEqual(ledger.get('a'), {
      id: 'a',
      version: 'one of a',
      bytes: 100,
      attempts: 0,
      rejections: 0,
      rejectedSince: undefined,
    });
  });

  it('remembers when the first refusal was', () => {
    put('a');
    ledger.countRejection('a', 5);
    ledger.countRejection('a', 9);
    assert.deepEqual([ledger.get('a')?.rejections, ledger.get('a')?.rejectedSince], [2, 5]);
  });

  it('knows everything again after it was opened again', async () => {
    put('a', 100);
    put('b', 50);
    ledger.countAttempt('b');
    ledger.countRejection('b', 7);
    ledger.close();
    await reopen();
    assert.deepEqual([ledger.items, ledger.bytes], [2, 150]);
    assert.deepEqual([ledger.get('b')?.attempts, ledger.get('b')?.rejections], [1, 1]);
    assert.deepEqual(damage, []);
  });

  it('makes everything due for a new process, whose clock is another one', async () => {
    put('a');
    ledger.defer('a', 1_000_000);
    ledger.countRejection('a', 900_000);
    ledger.close();
    await reopen();
    assert.deepEqual(idsDue(0), ['a']);
    assert.equal(ledger.get('a')?.rejectedSince, undefined);
  });

  it('puts a damaged file aside and goes on with an empty one', async () => {
    put('a');
    ledger.close();
    await writeFile(path, 'this is no database, and long enough to be read as a header of one '.repeat(100));
    await reopen();
    assert.equal(ledger.items, 0);
    assert.equal(damage.length, 1);
    assert.ok(existsSync(`${path}.damaged`));
  });

  it('puts a file of another form aside', async () => {
    ledger.close();
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    database.close();
    await reopen();
    assert.equal(damage.length, 1);
    put('a');
    assert.deepEqual(idsDue(0), ['a']);
  });
});
