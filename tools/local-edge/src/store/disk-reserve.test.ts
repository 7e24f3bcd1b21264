import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openDatabase } from './database.ts';
import { DiskReserve } from './disk-reserve.ts';

const run = promisify(execFile);

describe('DiskReserve', () => {
  let dir: string;

  before(async function () {
    dir = await mkdtemp(join(tmpdir(), 'disk-reserve-'));
    try {
      // Less than the reserve and the database want, and no whole number of its blocks.
      await run('mount', ['-t', 'tmpfs', '-o', 'size=12400000', 'tmpfs', dir]);
    } catch {
      await rm(dir, { recursive: true });
      console.log('      skipped: a tmpfs cannot be mounted here, which takes root');
      this.skip();
    }
  });

  after(async () => {
    await run('umount', [dir]).catch(() => undefined);
    await rm(dir, { recursive: true, force: true });
  });

  it('takes no room at all where there is not enough', () => {
    const database = openDatabase(join(dir, 'edge.db'));
    try {
      const reserve = DiskReserve.open(database);
      assert.equal(existsSync(join(dir, 'edge.db-reserve')), false);
      assert.equal(reserve.allows(1000), false);
      database.exec('CREATE TABLE goes_on (x); INSERT INTO goes_on VALUES (1);');
    } finally {
      database.close();
    }
  });
});
