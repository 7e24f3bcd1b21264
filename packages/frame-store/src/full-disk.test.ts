import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileStore } from './file-store.ts';
import { Keyring } from './keyring.ts';

/** On a file system that is really full. Needs the right to mount one; the fault injected elsewhere runs everywhere. */
describe('FileStore on a full disk', () => {
  let dir: string;
  beforeEach(async function () {
    dir = await mkdtemp(join(tmpdir(), 'full-disk-'));
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', dir]);
    if (mounted.status !== 0) {
      this.skip();
    }
  });
  afterEach(async () => {
    spawnSync('umount', [dir]);
    await rm(dir, { recursive: true });
  });

  it('refuses what does not fit, keeps what does, and goes on when there is room', async () => {
    const keyring = await Keyring.open(join(dir, 'key.json'));
    const store = await FileStore.open({ dir: join(dir, 'frames'), keyring });
    const payload = Buffer.alloc(300_000, 'x');
    const ids = Array.from({ length: 12 }, (_, i) => `frame-${String(i).padStart(2, '0')}`);
    const results = await Promise.allSettled(ids.map((id) => store.put({ id, meta: {}, payload })));
    const stored = ids.filter((_, i) => results[i]?.status === 'fulfilled');
    const refused = ids.filter((_, i) => results[i]?.status === 'rejected');
    assert.ok(stored.length >= 3 && refused.length >= 3, `${stored.length} stored`);
    for (const result of results) {
      if (result.status === 'rejected') {
        assert.deepEqual([result.reason.name, result.reason.code], ['TransientError', 'STORE_DISK_FULL']);
      }
    }
    assert.deepEqual(
      (await readdir(join(dir, 'frames', 'items'))).sort(),
      stored.map((id) => `${id}.item`),
    );
    assert.deepEqual(await readdir(join(dir, 'frames', 'tmp')), []);
    for (const id of stored) {
      assert.ok((await store.read(id))?.payload.equals(payload));
      await store.settle(id);
    }
    assert.equal(await store.put({ id: refused[0] ?? '', meta: {}, payload }), 'stored');
  });
});
