import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileOps } from './file-ops.ts';
import { FileStore } from './file-store.ts';
import { Keyring } from './keyring.ts';
import { describeEachFileOps } from './testing/each-file-ops.ts';

const ID = '0mdd7n4qo-0123456789abcdef01234567';

describeEachFileOps('FileStore.claim', (files) => {
  let dir: string;
  let store: FileStore;
  let now: number;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'frame-store-'));
    now = Date.now();
    store = await FileStore.open({
      dir,
      keyring: await Keyring.open(join(dir, 'key.json')),
      clock: () => now,
      files,
    });
    await store.put({ id: ID, meta: {}, payload: Buffer.from('x') });
  });

  afterEach(() => rm(dir, { recursive: true }));

  const claim = (owner: string, instance: string) => store.claim(ID, { owner, instance, leaseMs: 1000 });

  it('gives an item to one of many who ask at a time', async () => {
    const leases = await Promise.all(Array.from({ length: 20 }, (_, i) => claim(`owner-${i}`, 'x')));
    assert.deepEqual(
      leases.flatMap((lease) => lease?.attempt ?? []),
      [1],
    );
  });

  it('gives it to nobody else while the lease runs, the same instance included', async () => {
    await claim('redact', 'a');
    now += 999;
    assert.equal(await claim('redact', 'a'), undefined);
    assert.equal(await claim('inference', 'a'), undefined);
  });

  it('gives it to others when the lease has run out, as the next attempt', async () => {
    await claim('redact', 'a');
    now += 1000;
    const taken = await Promise.all(Array.from({ length: 10 }, (_, i) => claim(`owner-${i}`, 'x')));
    assert.deepEqual(
      taken.flatMap((lease) => lease?.attempt ?? []),
      [2],
    );
  });

  it('gives it at once to a new instance of the owner that died with it', async () => {
    await claim('redact', 'a');
    assert.equal((await claim('redact', 'b'))?.attempt, 2);
    assert.equal((await claim('redact', 'c'))?.attempt, 3);
    assert.equal((await claim('redact', 'd'))?.attempt, 4);
    assert.equal(await claim('redact', 'd'), undefined);
  });

  it('does not count an attempt that was released', async () => {
    for (let i = 0; i < 5; i++) {
      const lease = await claim('redact', 'a');
      assert.equal(lease?.attempt, 1);
      await lease.release();
      await lease.release();
    }
    await claim('redact', 'a');
    const second = await claim('redact', 'b');
    await second?.release();
    assert.equal((await claim('redact', 'c'))?.attempt, 2);
  });

  it('does not give up another’s lease when one that ran out is released or renewed', async () => {
    const first = await claim('redact', 'a');
    now += 1000;
    const second = await claim('inference', 'x');
    await first?.release();
    assert.equal(await first?.renew(), false);
    assert.equal(await claim('ingest', 'y'), undefined);
    assert.equal(await second?.renew(), true);
  });

  it('holds an item for as long as its lease is renewed', async () => {
    const lease = await claim('redact', 'a');
    for (let i = 0; i < 5; i++) {
      now += 900;
      assert.equal(await lease?.renew(), true);
      assert.equal(await claim('inference', 'x'), undefined);
    }
    now += 1000;
    assert.equal((await claim('inference', 'x'))?.attempt, 2);
  });

  it('does not let a claim from the future hold its item until then', async () => {
    await claim('redact', 'a');
    now -= 3_600_000;
    assert.equal((await claim('inference', 'x'))?.attempt, 2);
  });

  it('gives nothing of an item that is gone, and leaves no claim', async () => {
    await store.settle(ID);
    assert.equal(await claim('redact', 'a'), undefined);
    assert.deepEqual(await readdir(join(dir, 'claims')), []);
  });

  it('removes all attempts when the item is settled', async () => {
    for (const instance of ['a', 'b', 'c']) {
      await claim('redact', instance);
    }
    await store.settle(ID);
    assert.deepEqual(await readdir(join(dir, 'claims')), []);
  });

  describe('of many items', () => {
    const ids = Array.from({ length: 30 }, (_, i) => `0mdd7n4qo-${i}`);
    const by = { owner: 'redact', instance: 'a', leaseMs: 60_000 };
    const claimAll = (of: FileStore) => Promise.all(ids.map((id) => of.claim(id, by)));
    const names = (folder: string) => readdir(join(dir, folder));

    beforeEach(async () => {
      await Promise.all(ids.map((id) => store.put({ id, meta: {}, payload: Buffer.from('x') })));
    });

    it('writes one file for all of them, and removes it at the end', async () => {
      await claimAll(store);
      const files = await Promise.all((await names('claims')).map((name) => stat(join(dir, 'claims', name))));
      assert.deepEqual([files.length, new Set(files.map(({ ino }) => ino)).size], [ids.length, 1]);
      assert.equal((await names('tmp')).length, 1);
      await store.close();
      assert.deepEqual(await names('tmp'), []);
      assert.equal((await names('claims')).length, ids.length, 'claims outlive their process');
    });

    it('lets no lease end earlier by more than a fiftieth', async () => {
      await claimAll(store);
      now += 1200;
      await store.claim(ID, by);
      now += 58_799;
      assert.equal(await store.claim(ID, { ...by, owner: 'inference' }), undefined);
      now += 1;
      assert.equal((await store.claim(ID, { ...by, owner: 'inference' }))?.attempt, 2);
    });

    it('goes on when the file was tidied away, or can have no more names', async () => {
      let links = 0;
      const link: FileOps['link'] = async (file, name) => {
        links += 1;
        if (links === 10) {
          throw Object.assign(new Error('EMLINK: too many links'), { code: 'EMLINK' });
        }
        if (links === 20) {
          await rm(file);
        }
        return files.link(file, name);
      };
      const keyring = await Keyring.open(join(dir, 'key.json'));
      const other = await FileStore.open({ dir, keyring, clock: () => now, files: { ...files, link } });
      const leases = await claimAll(other);
      assert.ok(leases.every((lease) => lease?.attempt === 1));
      await other.close();
      assert.deepEqual(await names('tmp'), []);
    });
  });

  it('waits a while for a claim that a power cut has emptied, and not longer', async () => {
    const path = join(dir, 'claims', `${ID}.1`);
    await writeFile(path, '');
    assert.equal(await claim('redact', 'a'), undefined);
    await utimes(path, new Date(now - 60_000), new Date(now - 60_000));
    assert.equal((await claim('redact', 'a'))?.attempt, 2);
  });
});
