import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { takeStateDir } from './state-dir.ts';

describe('takeStateDir', () => {
  let base: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'edgeveil-state-'));
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  it('gives a second copy a folder of its own, and the first one again when it is free', async () => {
    const first = await takeStateDir(base, process.pid);
    const second = await takeStateDir(base, process.pid);
    assert.deepEqual(
      [first, second].map(({ path }) => basename(path)),
      ['start', 'start-2'],
    );
    await first.release();
    assert.equal(basename((await takeStateDir(base, process.pid)).path), 'start');
  });

  it('takes over what a killed copy held', async () => {
    await mkdir(join(base, 'start'));
    // No process has this id: it is above the kernel's limit.
    await writeFile(join(base, 'start', 'pid'), String(2 ** 22 + 1));
    assert.equal(basename((await takeStateDir(base, process.pid)).path), 'start');
  });
});
