import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileOps, StoreFile } from './file-ops.ts';
import { FileStore } from './file-store.ts';
import { Keyring } from './keyring.ts';
import { describeEachFileOps } from './testing/each-file-ops.ts';

const ID = '0mdd7n4qo-0123456789abcdef01234567';
const item = (id = ID, text = 'payload') => ({ id, meta: { name: 'ä', n: 1 }, payload: Buffer.from(text) });

describeEachFileOps('FileStore', (files) => {
  let dir: string;
  let keyring: Keyring;
  let store: FileStore;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'frame-store-'));
    keyring = await Keyring.open(join(dir, 'key.json'));
    store = await FileStore.open({ dir, keyring, files });
  });

  afterEach(async () => {
    await store.close();
    await rm(dir, { recursive: true });
  });

  const pending = async () => collect(store.pending());

  it('gives back what was put', async () => {
    for (const durable of [true, false]) {
      const id = `${ID}-${durable}`;
      assert.equal(await store.put(item(id), { durable }), 'stored');
      assert.deepEqual(await store.read(id), item(id));
      assert.deepEqual(await store.readMeta(id), { name: 'ä', n: 1 });
      assert.equal(await store.has(id), true);
    }
  });

  it('keeps an empty payload and metadata larger than one read', async () => {
    const large = { id: ID, meta: { text: 'x'.repeat(100_000) }, payload: Buffer.alloc(0) };
    await store.put(large);
    assert.deepEqual(await store.read(ID), large);
    assert.deepEqual(await store.readMeta(ID), large.meta);
  });

  it('leaves an item that is already there as it is', async () => {
    await store.put(item(ID, 'first'));
    assert.equal(await store.put(item(ID, 'second')), 'exists');
    assert.equal((await store.read(ID))?.payload.toString(), 'first');
  });

  it('writes nothing in clear', async () => {
    await store.put({ id: ID, meta: { secretname: 1 }, payload: Buffer.from('secretpixels') });
    const bytes = await readFile(join(dir, 'items', `${ID}.item`));
    assert.ok(!bytes.includes('secret'));
  });

  it('forgets an item once it is settled, however often', async () => {
    await store.put(item());
    await store.settle(ID);
    await store.settle(ID);
    assert.deepEqual(
      [await store.read(ID), await store.readMeta(ID), await store.has(ID)],
      [undefined, undefined, false],
    );
    assert.deepEqual(await pending(), []);
    assert.equal(await store.put(item()), 'stored');
  });

  it('lists ids oldest first and skips foreign files without touching them', async () => {
    for (const id of ['0b0000000-b', '0a0000000-c', '0a0000000-a']) {
      await store.put(item(id));
    }
    await writeFile(join(dir, 'items', 'Thumbs.db'), 'foreign');
    await writeFile(join(dir, 'items', '.hidden.item'), 'foreign');
    assert.deepEqual(await pending(), ['0a0000000-a', '0a0000000-c', '0b0000000-b']);
    assert.equal((await store.refreshUsage()).foreign, 2);
    assert.equal(await readFile(join(dir, 'items', 'Thumbs.db'), 'utf8'), 'foreign');
  });

  it('lists only ids of at least the asked age', async () => {
    const now = Date.now();
    const idAt = (ms: number) => `${ms.toString(36).padStart(9, '0')}-0`;
    await store.put(item(idAt(now - 60_000)));
    await store.put(item(idAt(now + 60_000)));
    assert.deepEqual(await collect(store.pending({ olderThanMs: 1000 })), [idAt(now - 60_000)]);
  });

  it('refuses an id that could leave its directory', async () => {
    for (const id of ['../x', 'a/b', '', '.', 'A', 'a.b', 'x'.repeat(200)]) {
      await assert.rejects(store.put(item(id)), { code: 'STORE_ID_INVALID' });
      await assert.rejects(store.read(id), { code: 'STORE_ID_INVALID' });
    }
  });

  it('counts items and bytes, also those that another process put and settled', async () => {
    const other = await FileStore.open({ dir, keyring, files });
    await store.put(item('0a0000000-a'));
    await other.put(item('0b0000000-b', 'longer payload'));
    const both = await store.refreshUsage();
    assert.equal(both.items, 2);
    const sizes = await Promise.all(
      (await readdir(join(dir, 'items'))).map(async (name) => (await readFile(join(dir, 'items', name))).length),
    );
    assert.equal(both.bytes, sizes[0] === undefined ? 0 : sizes.reduce((sum, size) => sum + size, 0));
    await other.settle('0a0000000-a');
    assert.equal((await store.refreshUsage()).items, 1);
    await store.put(item('0c0000000-c'));
    await store.settle('0b0000000-b');
    assert.equal(store.usage().items, 1);
    await other.close();
  });

  describe('with files that are not as they were written', () => {
    it('refuses a file torn at any length', async () => {
      await store.put(item());
      const path = join(dir, 'items', `${ID}.item`);
      const { length } = await readFile(path);
      for (let kept = length - 1; kept >= 0; kept--) {
        await truncate(path, kept);
        await assert.rejects(store.read(ID), { name: 'RejectedError', code: 'STORE_ITEM_CORRUPT' });
        await assert.rejects(store.readMeta(ID), { name: 'RejectedError', code: 'STORE_ITEM_CORRUPT' });
      }
    });

    it('refuses a file with any byte changed', async () => {
      await store.put(item());
      const path = join(dir, 'items', `${ID}.item`);
      const whole = await readFile(path);
      for (let at = 0; at < whole.length; at++) {
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] ?? 0) ^ 1;
        await writeFile(path, changed);
        await assert.rejects(store.read(ID), { code: at >= 8 && at < 16 ? 'STORE_KEY_UNKNOWN' : 'STORE_ITEM_CORRUPT' });
      }
    });

    it('refuses a file that has another item’s name', async () => {
      await store.put(item('0a0000000-a'));
      await rename(join(dir, 'items', '0a0000000-a.item'), join(dir, 'items', '0b0000000-b.item'));
      await assert.rejects(store.read('0b0000000-b'), { name: 'RejectedError', code: 'STORE_ITEM_CORRUPT' });
      await assert.rejects(store.readMeta('0b0000000-b'), { name: 'RejectedError', code: 'STORE_ITEM_CORRUPT' });
    });

    it('refuses foreign content and a directory under an item’s name', async () => {
      await writeFile(join(dir, 'items', '0a0000000-a.item'), Buffer.alloc(5000, 7));
      await mkdir(join(dir, 'items', '0b0000000-b.item'));
      for (const id of ['0a0000000-a', '0b0000000-b']) {
        await assert.rejects(store.read(id), { name: 'RejectedError', code: 'STORE_ITEM_CORRUPT' });
      }
    });

    it('says so when the key is not in the ring', async () => {
      await store.put(item());
      const other = await FileStore.open({ dir, keyring: await Keyring.open(join(dir, 'other.json')), files });
      await assert.rejects(other.read(ID), { name: 'ConfigError', code: 'STORE_KEY_UNKNOWN' });
    });
  });

  describe('quarantine', () => {
    it('moves the sealed item aside with its reason in clear', async () => {
      await store.put(item());
      await store.claim(ID, { owner: 'redact', instance: 'a', leaseMs: 1000 });
      await store.quarantine(ID, { code: 'PICTURE_CORRUPT', message: 'the picture is damaged', details: { x: 1 } });
      await store.quarantine(ID, { code: 'OTHER', message: 'again' });
      assert.deepEqual([await pending(), await readdir(join(dir, 'claims'))], [[], []]);
      const [only, ...more] = await collect(store.quarantined());
      assert.deepEqual(more, []);
      assert.equal(only?.id, ID);
      assert.equal(only?.reason.code, 'PICTURE_CORRUPT');
      assert.ok(Number.isFinite(Date.parse(only?.reason.at ?? '')));
      assert.deepEqual(await store.readQuarantined(ID), item());
      assert.match(await readFile(join(dir, 'quarantine', `${ID}.reason.json`), 'utf8'), /PICTURE_CORRUPT/);
    });

    it('moves a damaged item aside as it is', async () => {
      await writeFile(join(dir, 'items', `${ID}.item`), 'garbage');
      await store.quarantine(ID, { code: 'STORE_ITEM_CORRUPT', message: 'damaged' });
      assert.equal(await readFile(join(dir, 'quarantine', `${ID}.item`), 'utf8'), 'garbage');
    });

    it('seals bytes that never were an item', async () => {
      const content = { kind: 'bytes', bytes: Buffer.from('no picture') } as const;
      const reason = { code: 'PICTURE_FORMAT_UNSUPPORTED', message: 'no picture' };
      await store.quarantineForeign({ id: ID, meta: { name: 'x.jpg' }, content }, reason);
      await store.quarantineForeign({ id: ID, meta: { name: 'x.jpg' }, content }, reason);
      assert.deepEqual((await store.readQuarantined(ID))?.payload, content.bytes);
      assert.ok(!(await readFile(join(dir, 'quarantine', `${ID}.item`))).includes('no picture'));
    });

    it('seals a large file piece by piece', async () => {
      const bytes = Buffer.alloc(3 * 1024 * 1024 + 17, 'edgeveil');
      const path = join(dir, 'large.bin');
      await writeFile(path, bytes);
      const foreign = { id: ID, meta: { name: 'large.bin' }, content: { kind: 'file', path } } as const;
      await store.quarantineForeign(foreign, { code: 'PICTURE_TOO_LARGE', message: 'too large' });
      const found = await store.readQuarantined(ID);
      assert.ok(found?.payload.equals(bytes));
      assert.deepEqual(found?.meta, { name: 'large.bin' });
      await assert.rejects(
        store.quarantineForeign(
          { ...foreign, content: { kind: 'file', path: join(dir, 'not-there') } },
          { code: 'X', message: 'x' },
        ),
        { name: 'TransientError' },
      );
    });
  });

  describe('with a disk that is full', () => {
    it('throws TransientError and leaves nothing behind', async () => {
      let left = 100;
      const open: FileOps['open'] = async (...args) => {
        const file = await files.open(...args);
        const writev: StoreFile['writev'] = async ([first]) => {
          if (left <= 0 || first === undefined) {
            throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
          }
          const part = first.subarray(0, left);
          left -= part.length;
          return file.writev([part]);
        };
        return {
          writev,
          close: () => file.close(),
          datasync: () => file.datasync(),
          read: (...where) => file.read(...where),
          stat: () => file.stat(),
        };
      };
      const full = await FileStore.open({ dir, keyring, files: { ...files, open } });
      await assert.rejects(full.put(item()), { name: 'TransientError', code: 'STORE_DISK_FULL' });
      assert.deepEqual([await readdir(join(dir, 'tmp')), await readdir(join(dir, 'items'))], [[], []]);
      left = 10_000;
      assert.equal(await full.put(item()), 'stored');
      assert.deepEqual(await store.read(ID), item());
    });
  });

  describe('open', () => {
    it('removes temporary files that a killed process left, and only old ones', async () => {
      const [old, young] = [join(dir, 'tmp', 'old'), join(dir, 'tmp', 'young')];
      await writeFile(old, 'x');
      await writeFile(young, 'x');
      await utimes(old, new Date(Date.now() - 120_000), new Date(Date.now() - 120_000));
      const again = await FileStore.open({ dir, keyring, files });
      assert.deepEqual(await readdir(join(dir, 'tmp')), ['young']);
      await again.close();
    });

    it('removes old claims of items that are gone', async () => {
      await store.put(item());
      await store.claim(ID, { owner: 'a', instance: 'a', leaseMs: 1000 });
      const past = new Date(Date.now() - 120_000);
      for (const name of [`${ID}.1`, '0a0000000-a.1']) {
        await writeFile(join(dir, 'claims', name), '{}');
        await utimes(join(dir, 'claims', name), past, past);
      }
      await FileStore.open({ dir, keyring, files });
      assert.deepEqual(await readdir(join(dir, 'claims')), [`${ID}.1`]);
    });
  });
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) {
    all.push(item);
  }
  return all;
}
