import assert from 'node:assert/strict';
import { frameSchema } from '@edgeveil/contracts';
import { LoopSource } from './loop-source.ts';
import { TestBench, testJpeg } from './testing/test-bench.ts';

describe('LoopSource', () => {
  let bench: TestBench;
  beforeEach(async () => {
    bench = await TestBench.open({ store: { maxLiveFrames: 4 } });
  });
  afterEach(() => bench.close());

  /** Runs the source until it has announced so many frames. */
  async function runFor(frames: number, framesPerSecond = 100): Promise<void> {
    const stopping = new AbortController();
    const { intake, ...parts } = bench.parts();
    const take = intake.take.bind(intake);
    let taken = 0;
    intake.take = async (capture) => {
      bench.now += 10;
      const frame = await take(capture);
      if (++taken >= frames) {
        stopping.abort();
      }
      return frame;
    };
    const source = new LoopSource('gate', { type: 'loop', path: 'camera', framesPerSecond }, { ...parts, intake });
    await source.run(stopping.signal);
  }

  it('takes the pictures of its folder in the order of their names, over and over', async () => {
    for (const [seed, name] of ['b', 'c', 'a'].entries()) {
      await bench.write(`camera/${name}.jpg`, await testJpeg(seed));
    }
    await runFor(7);
    const frames = bench.fake.sent.frames.map((frame) => frameSchema.parse(frame));
    assert.deepEqual(
      frames.map(({ name }) => name?.[0]),
      ['a', 'b', 'c', 'a', 'b', 'c', 'a'],
    );
    assert.ok(frames.every(({ guarantee }) => guarantee === 'live'));
    const ids = frames.map(({ id }) => id);
    assert.deepEqual([...new Set(ids)].sort(), ids);
  });

  it('keeps the newest frames only and counts the others as stale', async () => {
    await bench.write('camera/a.jpg', await testJpeg());
    await runFor(10);
    assert.deepEqual(
      await bench.pending(),
      bench.fake.sent.frames.slice(-4).map(({ id }) => id),
    );
    assert.equal(await bench.metric('edgeveil_frames_dropped_total', { source: 'gate', reason: 'stale' }), 6);
    assert.equal(await bench.metric('edgeveil_frames_in_total', { source: 'gate' }), 10);
  });

  it('takes up pictures that appear while it runs, once they are complete', async () => {
    await bench.write('camera/a.jpg', await testJpeg(1));
    await runFor(2);
    await bench.write('camera/b.jpg', await testJpeg(2));
    await bench.write('camera/c.jpg', await testJpeg(3), bench.now);
    await runFor(4);
    const names = bench.fake.sent.frames.map((frame) => frame.name?.[0]).slice(2);
    assert.deepEqual(names, ['a', 'b', 'a', 'b']);
  });

  it('sets an unreadable picture aside once and goes on with the others', async () => {
    await bench.write('camera/a.jpg', 'no picture');
    await bench.write('camera/b.jpg', await testJpeg());
    await runFor(5);
    assert.equal(bench.sent('frames').length, 5);
    assert.equal(await bench.metric('edgeveil_quarantined_total', { reason: 'PICTURE_FORMAT_UNSUPPORTED' }), 1);
    assert.equal((await bench.quarantined()).length, 1);
  });

  it('drops frames while the store is full', async () => {
    const parts = bench.parts();
    await bench.write('camera/a.jpg', await testJpeg());
    parts.gate.diskFull();
    const source = new LoopSource('gate', { type: 'loop', path: 'camera', framesPerSecond: 5 }, parts);
    await source.capture({ path: 'a.jpg', size: 1, mtimeMs: 1 });
    assert.deepEqual(await bench.pending(), []);
    assert.equal(await bench.metric('edgeveil_frames_dropped_total', { source: 'gate', reason: 'store-full' }), 1);
  });

  it('waits for its folder to appear, and ends when told to while it waits', async () => {
    const stopping = new AbortController();
    const parts = bench.parts();
    const source = new LoopSource(
      'gate',
      { type: 'loop', path: 'nowhere', framesPerSecond: 5 },
      {
        ...parts,
        postEvent: (event) => {
          parts.postEvent(event);
          stopping.abort();
        },
      },
    );
    await source.run(stopping.signal);
    assert.deepEqual(
      bench.fake.sent.events.map(({ code }) => code),
      ['SOURCE_UNREADABLE'],
    );
  });
});
