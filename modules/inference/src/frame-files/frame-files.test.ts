import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame, FrameDetections } from '@edgeveil/contracts';
import { collect } from '../testing/collect.ts';
import { openTestFiles, openTestStores, putFrame, type TestStores } from '../testing/test-frames.ts';
import type { FrameFiles } from './frame-files.ts';
import { ThreadedFrameFiles } from './threaded-frame-files.ts';

type OpenFiles = (stores: TestStores, dir: string) => FrameFiles;

const openThreaded: OpenFiles = (_, dir) =>
  new ThreadedFrameFiles({
    framesDir: join(dir, 'frames'),
    keyFile: join(dir, 'key.json'),
    owner: 'inference',
    instance: 'test',
  });

describe('StoredFrameFiles', () => suite(openTestFiles));
describe('ThreadedFrameFiles', () => {
  suite(openThreaded);

  it('says why the stores cannot be opened, and closes all the same', async () => {
    const files = new ThreadedFrameFiles({ framesDir: '/proc/none', keyFile: '/proc/none', owner: 'o', instance: 'i' });
    await assert.rejects(files.take('0a0000000-a'), { name: 'ConfigError', code: 'KEYRING_NOT_WRITABLE' });
    await files.close();
  });
});

/** The contract of {@link FrameFiles}. */
function suite(open: OpenFiles): void {
  let dir: string;
  let stores: TestStores;
  let files: FrameFiles;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-files-'));
    stores = await openTestStores(dir);
    files = open(stores, dir);
  });
  afterEach(async () => {
    await files.close();
    await Promise.all([stores.frames.close(), stores.detections.close()]);
    await rm(dir, { recursive: true });
  });

  const claimsLeft = (): Promise<string[]> => readdir(join(dir, 'frames', 'frames', 'claims'));
  const resultFor = (frame: Frame): FrameDetections => ({
    frame,
    model: { name: 'm', version: '1', sha256: '0'.repeat(64) },
    labels: ['face'],
    detections: [],
    inferredAt: '2026-01-31T10:00:00.000Z',
  });

  it('describes frames for the queue, those that cannot be read too, but not those that are gone', async () => {
    const [guaranteed, live, gone, damaged, foreign] = await Promise.all([
      putFrame(stores),
      putFrame(stores, { guarantee: 'live', source: 'yard' }),
      putFrame(stores),
      putFrame(stores),
      putFrame(stores),
    ]);
    assert.ok(guaranteed && live && gone && damaged && foreign);
    await stores.frames.settle(gone.id);
    await writeFile(join(dir, 'frames', 'frames', 'items', `${damaged.id}.item`), 'garbage');
    await stores.frames.settle(foreign.id);
    await stores.frames.put({ id: foreign.id, meta: { not: 'a frame' }, payload: Buffer.alloc(0) });
    assert.deepEqual(await files.describe([guaranteed, live, gone, damaged, foreign].map(({ id }) => id)), [
      { id: guaranteed.id, source: 'gate', liveSince: undefined },
      { id: live.id, source: 'yard', liveSince: Date.parse(live.capturedAt) },
      { id: damaged.id, source: '' },
      { id: foreign.id, source: '' },
    ]);
  });

  it('takes a frame, with the picture as it was put, and stores what was found', async () => {
    const bytes = Buffer.alloc(300_000, 'x');
    const frame = await putFrame(stores, { bytes });
    const taken = await files.take(frame.id);
    assert.ok(taken.outcome === 'taken');
    assert.deepEqual(taken.item, { id: frame.id, meta: frame, payload: bytes });
    assert.ok(Buffer.isBuffer(taken.item.payload));
    assert.equal((await claimsLeft()).length, 1);
    await files.put(resultFor(frame));
    assert.deepEqual(await claimsLeft(), []);
    assert.deepEqual(await stores.detections.readMeta(frame.id), resultFor(frame));
    assert.equal(await stores.frames.has(frame.id), true);
  });

  it('reads a small picture of many that share their memory', async () => {
    const frames = await Promise.all(
      Array.from({ length: 20 }, (_, index) => putFrame(stores, { bytes: Buffer.from(`picture ${index}`) })),
    );
    const texts = await Promise.all(
      frames.map(async ({ id }) => {
        const taken = await files.take(id);
        return taken.outcome === 'taken' ? taken.item.payload.toString() : taken.outcome;
      }),
    );
    assert.deepEqual(
      texts,
      frames.map((_, index) => `picture ${index}`),
    );
  });

  it('takes no frame that is gone, has its detections, is held, or was begun before', async () => {
    const [gone, inferred, held, begun] = await Promise.all([1, 2, 3, 4].map(() => putFrame(stores)));
    assert.ok(gone && inferred && held && begun);
    await stores.frames.settle(gone.id);
    await stores.detections.put({ id: inferred.id, meta: {}, payload: Buffer.alloc(0) });
    await stores.frames.claim(held.id, { owner: 'another', instance: 'x', leaseMs: 60_000 });
    await stores.frames.claim(begun.id, { owner: 'inference', instance: 'killed', leaseMs: 60_000 });
    const outcomes = await Promise.all(
      [gone, inferred, held, begun].map(async ({ id }) => (await files.take(id)).outcome),
    );
    assert.deepEqual(outcomes, ['gone', 'inferred', 'gone', 'suspect']);
    assert.equal((await claimsLeft()).length, 2, 'of the other, and of the one that was killed');
    assert.deepEqual(await files.claim(begun.id), { outcome: 'claimed', attempt: 2 });
  });

  it('keeps a damaged frame claimed, for it to be set aside', async () => {
    const frame = await putFrame(stores);
    await writeFile(join(dir, 'frames', 'frames', 'items', `${frame.id}.item`), 'garbage');
    await assert.rejects(files.take(frame.id), { name: 'RejectedError', code: 'STORE_ITEM_CORRUPT' });
    assert.equal((await claimsLeft()).length, 1);
    await files.quarantine(frame.id, { code: 'STORE_ITEM_CORRUPT', message: 'damaged' });
    assert.deepEqual(await claimsLeft(), []);
    const [set] = await collect(stores.frames.quarantined());
    assert.equal(set?.id, frame.id);
  });

  it('gives a frame back as if it had never been begun', async () => {
    const frame = await putFrame(stores);
    await files.take(frame.id);
    await files.giveBack(frame.id);
    await files.giveBack(frame.id);
    assert.deepEqual(await claimsLeft(), []);
    assert.equal((await files.take(frame.id)).outcome, 'taken');
  });

  it('drops a frame that nobody works on, and no other', async () => {
    const [free, inferred, held] = await Promise.all([1, 2, 3].map(() => putFrame(stores)));
    assert.ok(free && inferred && held);
    await stores.detections.put({ id: inferred.id, meta: {}, payload: Buffer.alloc(0) });
    await stores.frames.claim(held.id, { owner: 'another', instance: 'x', leaseMs: 60_000 });
    const dropped = await Promise.all([free, inferred, held].map(({ id }) => files.drop(id)));
    assert.deepEqual(dropped, [true, false, false]);
    const left = await Promise.all([free, inferred, held].map(({ id }) => stores.frames.has(id)));
    assert.deepEqual(left, [false, true, true]);
  });
}
