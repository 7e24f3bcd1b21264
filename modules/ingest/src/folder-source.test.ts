import assert from 'node:assert/strict';
import { access, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FolderSourceConfig, frameSchema, TransientError } from '@edgeveil/contracts';
import { FileStore, Keyring, pooledFiles } from '@edgeveil/frame-store';
import { FolderSource } from './folder-source.ts';
import type { SourceParts } from './source.ts';
import { TestBench, testJpeg } from './testing/test-bench.ts';

const CONFIG: FolderSourceConfig = {
  type: 'folder',
  path: 'dropped',
  recursive: true,
  pollMs: 500,
  settleMs: 500,
  afterIngest: 'delete',
};

describe('FolderSource', () => {
  let bench: TestBench;
  const going = new AbortController().signal;

  beforeEach(async () => {
    bench = await TestBench.open({ limits: { maxPictureBytes: 100_000, maxPicturePixels: 10_000 } });
    await mkdir(join(bench.sourcesDir, 'dropped'));
  });
  afterEach(() => bench.close());

  const create = (changes: Partial<FolderSourceConfig> = {}, parts: Partial<SourceParts> = {}) =>
    new FolderSource('gate', { ...CONFIG, ...changes }, bench.parts(parts));

  /** Two looks, far enough apart for everything to settle. */
  async function settle(source: FolderSource): Promise<void> {
    await source.poll(going);
    bench.now += 1000;
    await source.poll(going);
  }

  const inFolder = () => readdir(join(bench.sourcesDir, 'dropped'));

  it('puts a completed picture, announces it and deletes the file', async () => {
    const bytes = await testJpeg();
    await bench.write('dropped/a.jpg', bytes, 1_700_000_000_123);
    await settle(create());
    const [id = ''] = await bench.pending();
    const item = await bench.store.read(id);
    const frame = frameSchema.parse(item?.meta);
    assert.ok(item?.payload.equals(bytes));
    assert.deepEqual(
      [frame.id, frame.source, frame.guarantee, frame.capturedAt, frame.format, frame.width, frame.height, frame.name],
      [id, 'gate', 'guaranteed', '2023-11-14T22:13:20.123Z', 'jpeg', 32, 24, 'a.jpg'],
    );
    assert.deepEqual(bench.sent('frames'), [frame]);
    assert.deepEqual(await inFolder(), []);
    assert.equal(await bench.metric('edgeveil_frames_in_total', { source: 'gate' }), 1);
  });

  it('takes files oldest first, whatever their names', async () => {
    for (const [index, name] of ['c', 'a', 'd', 'b'].entries()) {
      await bench.write(`dropped/${name}.jpg`, await testJpeg(index), bench.now - 100_000 + index * 1000);
    }
    await settle(create());
    const names = [];
    for (const id of await bench.pending()) {
      names.push(frameSchema.parse(await bench.store.readMeta(id)).name);
    }
    assert.deepEqual(names, ['c.jpg', 'a.jpg', 'd.jpg', 'b.jpg']);
  });

  it('leaves a file alone while it grows', async () => {
    const bytes = await testJpeg();
    const source = create();
    const path = await bench.write('dropped/a.jpg', bytes.subarray(0, 100));
    for (let length = 200; length < 500; length += 100) {
      await source.poll(going);
      bench.now += 400;
      await writeFile(path, bytes.subarray(0, length));
    }
    assert.deepEqual(await bench.pending(), []);
    await writeFile(path, bytes);
    await settle(source);
    assert.equal((await bench.pending()).length, 1);
    assert.deepEqual(await bench.quarantined(), []);
  });

  it('takes files of subfolders only when it is recursive', async () => {
    await bench.write('dropped/2026/01/a.jpg', await testJpeg());
    await settle(create({ recursive: false }));
    assert.deepEqual(await bench.pending(), []);
    await settle(create());
    const [id = ''] = await bench.pending();
    assert.equal(frameSchema.parse(await bench.store.readMeta(id)).name, '2026/01/a.jpg');
  });

  it('ignores files that their writers call unfinished', async () => {
    const names = ['.a.jpg', 'a.jpg.tmp', 'a.jpg.part', 'a.jpg~', 'Thumbs.db', '.hidden/a.jpg'];
    for (const name of names) {
      await bench.write(`dropped/${name}`, await testJpeg());
    }
    await settle(create());
    assert.deepEqual(await bench.pending(), []);
    assert.equal((await inFolder()).length, names.length);
  });

  it('takes a renamed unfinished file once it has its final name', async () => {
    const path = await bench.write('dropped/a.jpg.part', await testJpeg());
    const source = create();
    await settle(source);
    await rename(path, path.slice(0, -'.part'.length));
    await settle(source);
    assert.equal((await bench.pending()).length, 1);
  });

  it('does not take a picture twice when it was killed between put and delete', async () => {
    const bytes = await testJpeg();
    await bench.write('dropped/a.jpg', bytes, 1_700_000_000_000);
    await settle(create());
    await bench.write('dropped/a.jpg', bytes, 1_700_000_000_000);
    await settle(create());
    assert.equal((await bench.pending()).length, 1);
    assert.deepEqual(await inFolder(), []);
    assert.equal(await bench.metric('edgeveil_frames_in_total', { source: 'gate' }), 1);
  });

  it('takes equal pictures of different names as different frames', async () => {
    const bytes = await testJpeg();
    await bench.write('dropped/a.jpg', bytes, 1_700_000_000_000);
    await bench.write('dropped/b.jpg', bytes, 1_700_000_000_000);
    await settle(create());
    assert.equal((await bench.pending()).length, 2);
  });

  describe('with what cannot be taken', () => {
    it('sets it aside with its reason, sealed, and takes the next one', async () => {
      const jpeg = await testJpeg();
      const bad: Record<string, { bytes: Buffer; code: string }> = {
        'empty.jpg': { bytes: Buffer.alloc(0), code: 'PICTURE_EMPTY' },
        'text.jpg': { bytes: Buffer.from('no picture at all'), code: 'PICTURE_FORMAT_UNSUPPORTED' },
        'cut.jpg': { bytes: jpeg.subarray(0, 30), code: 'PICTURE_TRUNCATED' },
        'large.jpg': { bytes: Buffer.concat([jpeg, Buffer.alloc(100_000)]), code: 'PICTURE_FILE_TOO_LARGE' },
        'bomb.jpg': { bytes: bomb(jpeg), code: 'PICTURE_TOO_MANY_PIXELS' },
      };
      for (const [name, { bytes }] of Object.entries(bad)) {
        await bench.write(`dropped/${name}`, bytes, bench.now - 100_000);
      }
      await bench.write('dropped/good.jpg', jpeg, bench.now - 50_000);
      await settle(create());

      assert.deepEqual(await inFolder(), []);
      assert.equal((await bench.pending()).length, 1);
      const found: Record<string, string> = {};
      for (const { id, reason } of await bench.quarantined()) {
        const name = String(reason.details?.name);
        found[name] = reason.code;
        const sealed = await bench.store.readQuarantined(id);
        assert.ok(sealed?.payload.equals(bad[name]?.bytes ?? Buffer.from('?')), name);
      }
      assert.deepEqual(found, Object.fromEntries(Object.entries(bad).map(([name, { code }]) => [name, code])));
      assert.equal(await bench.metric('edgeveil_quarantined_total', { reason: 'PICTURE_EMPTY' }), 1);
      assert.equal(bench.sent('frames').length, 1);
    });

    it('takes a picture whose name lies about its format for what it is', async () => {
      await bench.write('dropped/a.png', await testJpeg());
      await settle(create());
      const [id = ''] = await bench.pending();
      assert.equal(frameSchema.parse(await bench.store.readMeta(id)).format, 'jpeg');
    });

    it('refuses links that lead out of the folder, and says so once', async () => {
      const secret = join(bench.dir, 'secret.jpg');
      await writeFile(secret, await testJpeg());
      await mkdir(join(bench.dir, 'elsewhere'));
      await writeFile(join(bench.dir, 'elsewhere', 'b.jpg'), await testJpeg(2));
      await symlink(secret, join(bench.sourcesDir, 'dropped', 'a.jpg'));
      await symlink(join(bench.dir, 'elsewhere'), join(bench.sourcesDir, 'dropped', 'folder'));
      const source = create();
      await settle(source);
      await settle(source);
      assert.deepEqual([await bench.pending(), await bench.quarantined()], [[], []]);
      await access(secret);
      assert.equal(bench.fake.lines.filter((line) => line.includes('path skipped')).length, 2);
    });

    it('takes a link to a picture inside the folder and deletes the link only', async () => {
      const real = await bench.write('dropped/archive/real.jpg', await testJpeg());
      await symlink(real, join(bench.sourcesDir, 'dropped', 'link.jpg'));
      await settle(create({ recursive: false }));
      assert.equal((await bench.pending()).length, 1);
      assert.deepEqual(await inFolder(), ['archive']);
      await access(real);
    });

    it('does not read a folder that leads out of the sources volume', async () => {
      await mkdir(join(bench.dir, 'outside'));
      await writeFile(join(bench.dir, 'outside', 'a.jpg'), await testJpeg());
      await symlink(join(bench.dir, 'outside'), join(bench.sourcesDir, 'trick'));
      await settle(create({ path: 'trick' }));
      assert.deepEqual(await bench.pending(), []);
      assert.equal(bench.sent('events').length, 1);
    });
  });

  describe('with afterIngest keep', () => {
    it('leaves files where they are and takes each version once, also after a restart', async () => {
      const bytes = await testJpeg();
      await bench.write('dropped/a.jpg', bytes);
      await bench.write('dropped/bad.jpg', 'no picture');
      const source = create({ afterIngest: 'keep' });
      await settle(source);
      for (const id of await bench.pending()) {
        await bench.store.settle(id);
      }
      await settle(source);
      await settle(create({ afterIngest: 'keep' }));
      assert.deepEqual(await bench.pending(), []);
      assert.equal(await bench.metric('edgeveil_quarantined_total', { reason: 'PICTURE_FORMAT_UNSUPPORTED' }), 1);
      assert.deepEqual(await inFolder(), ['a.jpg', 'bad.jpg']);

      await bench.write('dropped/a.jpg', await testJpeg(5), bench.now);
      await settle(source);
      assert.equal((await bench.pending()).length, 1);
    });
  });

  describe('when the store cannot take more', () => {
    it('leaves the files in their folder until there is room, and says so once', async () => {
      for (let i = 0; i < 3; i++) {
        await bench.write(`dropped/${i}.jpg`, await testJpeg(i));
      }
      let bytes = 1000;
      const { gate, ...parts } = bench.parts();
      const { StoreGate } = await import('./store-gate.ts');
      const { log, postEvent, clock } = parts;
      const full = new StoreGate({ usage: () => ({ bytes }), maxBytes: () => 1000, log, postEvent, clock });
      const source = create({}, { gate: full });
      await settle(source);
      await settle(source);
      assert.equal((await inFolder()).length, 3);
      bytes = 950;
      await source.poll(going);
      assert.equal((await inFolder()).length, 3, 'it does not flap at the bound');
      bytes = 100;
      await source.poll(going);
      assert.deepEqual(await inFolder(), []);
      assert.deepEqual(
        bench.fake.sent.events.map(({ code }) => code),
        ['FRAME_STORE_FULL', 'FRAME_STORE_FREE'],
      );
      assert.ok(gate.isOpen);
    });

    it('keeps the file when the disk is full, and takes it later', async () => {
      let isFull = true;
      const store = await FileStore.open({
        dir: join(bench.dir, 'frames'),
        keyring: await Keyring.open(join(bench.dir, 'key.json')),
        files: {
          ...pooledFiles,
          open: async (...args) => {
            if (isFull) {
              throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
            }
            return pooledFiles.open(...args);
          },
        },
      });
      await bench.write('dropped/a.jpg', await testJpeg());
      await bench.write('dropped/bad.jpg', 'no picture');
      const source = create({}, { store });
      await settle(source);
      assert.equal((await inFolder()).length, 2);
      assert.deepEqual(await readdir(join(bench.dir, 'frames', 'tmp')), []);
      isFull = false;
      bench.now += 10_000;
      await source.poll(going);
      assert.deepEqual(await inFolder(), []);
      assert.equal((await bench.pending()).length, 1);
    });
  });

  describe('when its folder cannot be read', () => {
    it('says so once, goes on trying, and says when it is back', async () => {
      await rm(join(bench.sourcesDir, 'dropped'), { recursive: true });
      const source = create();
      await settle(source);
      await settle(source);
      assert.deepEqual(
        bench.fake.sent.events.map(({ code }) => code),
        ['SOURCE_UNREADABLE'],
      );
      assert.equal(bench.fake.lines.filter((line) => line.includes('source cannot be read')).length, 1);
      await bench.write('dropped/a.jpg', await testJpeg());
      await settle(source);
      assert.deepEqual(
        bench.fake.sent.events.map(({ code }) => code),
        ['SOURCE_UNREADABLE', 'SOURCE_READABLE'],
      );
      assert.equal((await bench.pending()).length, 1);
      assert.deepEqual(bench.fake.reported(), { sources: { gate: { state: 'readable' } } });
    });
  });

  it('keeps a file that was written anew while it was taken in', async () => {
    const [old, fresh] = [await testJpeg(1), await testJpeg(2)];
    const path = await bench.write('dropped/a.jpg', old);
    const { intake } = bench.parts();
    const take = intake.take.bind(intake);
    intake.take = async (capture) => {
      const frame = await take(capture);
      await writeFile(path, fresh);
      return frame;
    };
    const source = create({}, { intake });
    await settle(source);
    assert.ok((await readFile(path)).equals(fresh));
    intake.take = take;
    await settle(source);
    assert.equal((await bench.pending()).length, 2);
    assert.deepEqual(await inFolder(), []);
  });

  it('tries a file that cannot be taken less and less often, and takes the others meanwhile', async () => {
    const { intake } = bench.parts();
    const take = intake.take.bind(intake);
    const tried: number[] = [];
    intake.take = async (capture) => {
      if (capture.name === 'stuck.jpg') {
        tried.push(bench.now);
        throw new TransientError('STORE_IO', 'a fault for the test');
      }
      return take(capture);
    };
    await bench.write('dropped/stuck.jpg', await testJpeg(1), bench.now - 100_000);
    await bench.write('dropped/good.jpg', await testJpeg(2));
    const source = create({}, { intake });
    for (let i = 0; i < 130; i++) {
      await source.poll(going);
      bench.now += 1000;
    }
    assert.equal((await bench.pending()).length, 1);
    assert.deepEqual(
      tried.map((at, i) => Math.round((at - (tried[i - 1] ?? at)) / 1000)),
      [0, 1, 2, 4, 8, 16, 32, 60],
    );
    assert.equal(bench.fake.lines.filter((line) => line.includes('file not taken')).length, 1);
  });

  it('stops at once when it is told to, between files', async () => {
    for (let i = 0; i < 20; i++) {
      await bench.write(`dropped/${i}.jpg`, await testJpeg(i));
    }
    const stopping = new AbortController();
    const { intake } = bench.parts();
    const take = intake.take.bind(intake);
    intake.take = (capture) => {
      stopping.abort();
      return take(capture);
    };
    const source = create({ settleMs: 0 }, { intake });
    await source.run(stopping.signal);
    const taken = (await bench.pending()).length;
    assert.ok(taken >= 1 && taken <= 4, `${taken} taken`);
    assert.equal((await inFolder()).length, 20 - taken);
  });
});

/** The same JPEG, but its header claims 40000 x 40000 pixels. */
function bomb(jpeg: Buffer): Buffer {
  const bytes = Buffer.from(jpeg);
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
  bytes.writeUInt16BE(40_000, frame + 5);
  bytes.writeUInt16BE(40_000, frame + 7);
  return bytes;
}
