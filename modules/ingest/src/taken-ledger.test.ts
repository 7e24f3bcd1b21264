import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TakenLedger } from './taken-ledger.ts';

const DAY_MS = 86_400_000;
const FILE = { path: 'a.jpg', size: 10, mtimeMs: 1_700_000_000_000.25 };

describe('TakenLedger', () => {
  let dir: string;
  let path: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ledger-'));
    path = join(dir, 'taken.db');
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('remembers a version of a file beyond its own life', () => {
    const first = TakenLedger.open(path);
    first.of('gate').add(FILE, 'stored', 0);
    first.close();
    const second = TakenLedger.open(path);
    const files = second.of('gate');
    assert.equal(files.has(FILE), true);
    assert.equal(files.has({ ...FILE, size: 11 }), false);
    assert.equal(files.has({ ...FILE, mtimeMs: FILE.mtimeMs + 1 }), false);
    assert.equal(second.of('dock').has(FILE), false);
    second.close();
  });

  it('forgets files that are gone, but only long after they were taken', () => {
    const ledger = TakenLedger.open(path);
    const files = ledger.of('gate');
    files.add(FILE, 'stored', 0);
    files.add({ ...FILE, path: 'b.jpg' }, 'rejected', 0);
    files.forgetGone([], 29 * DAY_MS);
    assert.equal(files.has(FILE), true);
    files.forgetGone([{ ...FILE, path: 'b.jpg' }], 31 * DAY_MS);
    assert.equal(files.has(FILE), false);
    assert.equal(ledger.of('gate').has({ ...FILE, path: 'b.jpg' }), true);
    ledger.close();
  });

  it('refuses a file that is no ledger', async () => {
    await writeFile(path, 'x'.repeat(10_000));
    assert.throws(() => TakenLedger.open(path), { name: 'ConfigError', code: 'INGEST_LEDGER_UNUSABLE' });
  });
});
