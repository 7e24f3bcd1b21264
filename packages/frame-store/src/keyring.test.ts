import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileStore } from './file-store.ts';
import { Keyring } from './keyring.ts';

describe('Keyring', () => {
  let dir: string;
  let path: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'keyring-'));
    path = join(dir, 'keys', 'key.json');
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('creates the key file for its owner only', async () => {
    await Keyring.open(path);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(join(dir, 'keys')), ['key.json']);
  });

  it('uses the same key in every process, whoever creates the file', async () => {
    const rings = await Promise.all(Array.from({ length: 20 }, () => Keyring.open(path)));
    assert.equal(new Set(rings.map((ring) => ring.activeId)).size, 1);
    assert.deepEqual(await readdir(join(dir, 'keys')), ['key.json']);
  });

  it('seals with the newest key and still reads what older ones sealed', async () => {
    const ring = await Keyring.open(path);
    const store = await FileStore.open({ dir, keyring: ring });
    const reader = await FileStore.open({ dir, keyring: await Keyring.open(path) });
    await store.put({ id: 'before', meta: 1, payload: Buffer.from('a') });
    const oldId = ring.activeId;
    await ring.rotate();
    assert.notEqual(ring.activeId, oldId);
    await store.put({ id: 'after', meta: 2, payload: Buffer.from('b') });
    for (const id of ['before', 'after']) {
      assert.notEqual(await store.read(id), undefined);
      assert.notEqual(await reader.read(id), undefined, 'another process looks the new key up');
    }
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  it('refuses a file that is damaged, without a word of what is in it', async () => {
    await Keyring.open(path);
    const good = JSON.parse(await readFile(path, 'utf8'));
    const secret = good.keys[0].key;
    const bad = [
      '',
      JSON.stringify(good).slice(0, -20),
      JSON.stringify({ ...good, active: '0000000000000000' }),
      JSON.stringify({ ...good, keys: [] }),
      JSON.stringify({ ...good, keys: [{ ...good.keys[0], key: secret.slice(0, 20) }] }),
    ];
    for (const text of bad) {
      await writeFile(path, text);
      await assert.rejects(Keyring.open(path), (error: Error & { code?: string; details?: unknown }) => {
        assert.equal(error.code, 'KEYRING_INVALID');
        const said = error.message + JSON.stringify(error.details) + String(error.cause);
        assert.ok(!said.includes(secret.slice(0, 10)));
        return true;
      });
    }
  });

  it('never gives two files the same key', async () => {
    const ring = await Keyring.open(path);
    const [a, b] = [ring.activeFileKey(Buffer.alloc(24, 1)), ring.activeFileKey(Buffer.alloc(24, 2))];
    assert.ok(!a.equals(b));
  });
});
