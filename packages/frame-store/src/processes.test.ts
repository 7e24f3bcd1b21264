import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FileStore } from './file-store.ts';
import { Keyring } from './keyring.ts';

const WORKER = fileURLToPath(new URL('./testing/store-worker.ts', import.meta.url));

describe('several processes at one store', () => {
  let dir: string;
  const children = new Set<ChildProcess>();

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'frame-store-'));
  });
  afterEach(async () => {
    for (const child of children) {
      child.kill('SIGKILL');
    }
    await rm(dir, { recursive: true });
  });

  function start(task: string, owner: string, count: number | string) {
    const child = spawn(process.execPath, [WORKER, task, dir, owner, String(count)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.add(child);
    child.on('exit', () => children.delete(child));
    const lines: string[] = [];
    const reader = createInterface({ input: child.stdout });
    reader.on('line', (line) => lines.push(line));
    return { child, lines, reader, ended: once(reader, 'close') };
  }

  const open = async () => FileStore.open({ dir, keyring: await Keyring.open(join(dir, 'key.json')) });

  it('leaves every item whole or absent when the putter is killed at any moment', async () => {
    const stored: string[] = [];
    for (let round = 0; round < 6; round++) {
      const putter = start('put', 'ingest', 100_000);
      const enough = 3 + round * 5;
      putter.reader.on('line', () => {
        if (putter.lines.length === enough) {
          putter.child.kill('SIGKILL');
        }
      });
      await putter.ended;
      stored.push(...putter.lines);
    }
    const store = await open();
    const listed = [];
    for await (const id of store.pending()) {
      listed.push(id);
      const item = await store.read(id);
      assert.deepEqual(item?.meta, { length: item?.payload.length });
      assert.ok(item?.payload.equals(Buffer.alloc(item.payload.length, id)));
    }
    const there = new Set(listed);
    assert.deepEqual(
      stored.filter((id) => !there.has(id)),
      [],
      'what put reported as stored is there',
    );
    const left = await readdir(join(dir, 'tmp'));
    const past = new Date(Date.now() - 120_000);
    await Promise.all(left.map((name) => utimes(join(dir, 'tmp', name), past, past)));
    await open();
    assert.deepEqual(await readdir(join(dir, 'tmp')), []);
  });

  it('gives every item to exactly one consumer, and leaves nothing behind', async () => {
    const putter = start('put', 'ingest', 200);
    const consumers = ['inference', 'redact', 'other'].map((owner) => start('consume', owner, ''));
    await putter.ended;
    for (const { child } of consumers) {
      child.stdin?.end();
    }
    await Promise.all(consumers.map(({ ended }) => ended));
    const put = putter.lines;
    const consumed = consumers.flatMap(({ lines }) => lines);
    assert.equal(put.length, 200);
    assert.deepEqual(consumed.sort(), put.sort());
    for (const folder of ['items', 'claims', 'tmp']) {
      assert.deepEqual(await readdir(join(dir, folder)), [], folder);
    }
  });

  it('counts the attempts of consumers that were killed', async () => {
    const store = await open();
    await store.put({ id: 'poison', meta: 1, payload: Buffer.alloc(1) });
    for (const attempt of [1, 2, 3]) {
      const consumer = start('claim', 'redact', 'poison');
      await once(consumer.reader, 'line');
      assert.deepEqual(consumer.lines, [`attempt ${attempt}`]);
      consumer.child.kill('SIGKILL');
      await consumer.ended;
    }
    assert.equal((await store.claim('poison', { owner: 'redact', instance: 'now', leaseMs: 1000 }))?.attempt, 4);
  });
});
