import assert from 'node:assert/strict';
import { fileFrameId, liveFrameId } from './frame-id.ts';
import { LiveWindow } from './live-window.ts';
import { TestBench } from './testing/test-bench.ts';

describe('LiveWindow', () => {
  let bench: TestBench;
  let dropped = 0;
  beforeEach(async () => {
    bench = await TestBench.open();
    dropped = 0;
  });
  afterEach(() => bench.close());

  const create = () =>
    new LiveWindow({
      source: 'gate',
      store: bench.store,
      owner: 'ingest',
      instance: 'one',
      maxFrames: () => 3,
      onDropped: () => {
        dropped++;
      },
    });

  const idOf = (counter: number, source = 'gate') =>
    liveFrameId({ source, capturedAtMs: 1_700_000_000_000 + counter, counter, contentSha256: '' });

  async function put(id: string): Promise<string> {
    await bench.store.put({ id, meta: {}, payload: Buffer.alloc(1) }, { durable: false });
    return id;
  }

  /** As the source does for each frame. */
  async function add(window: LiveWindow, counter: number): Promise<boolean> {
    const hasRoom = await window.makeRoom();
    if (hasRoom) {
      window.added(await put(idOf(counter)));
    }
    return hasRoom;
  }

  it('lets the oldest go for each newer one beyond the bound', async () => {
    const window = create();
    for (let i = 0; i < 10; i++) {
      assert.equal(await add(window, i), true);
    }
    assert.deepEqual(
      await bench.pending(),
      [7, 8, 9].map((i) => idOf(i)),
    );
    assert.equal(dropped, 7);
  });

  it('lets none go while consumers keep up', async () => {
    const window = create();
    for (let i = 0; i < 10; i++) {
      await add(window, i);
      await bench.store.settle(idOf(i));
    }
    assert.equal(dropped, 0);
  });

  it('never takes a frame away from somebody who works on it', async () => {
    const window = create();
    for (let i = 0; i < 3; i++) {
      await add(window, i);
    }
    await bench.store.claim(idOf(0), { owner: 'inference', instance: 'x', leaseMs: 60_000 });
    assert.equal(await add(window, 3), true);
    assert.deepEqual(
      await bench.pending(),
      [0, 2, 3].map((i) => idOf(i)),
    );
  });

  it('refuses the newcomer when all are being worked on', async () => {
    const window = create();
    for (let i = 0; i < 3; i++) {
      await add(window, i);
      await bench.store.claim(idOf(i), { owner: 'inference', instance: 'x', leaseMs: 60_000 });
    }
    assert.equal(await add(window, 3), false);
    await bench.store.settle(idOf(0));
    assert.equal(await add(window, 4), true);
    assert.equal(dropped, 0);
  });

  it('counts what an earlier life left, and nobody else’s frames', async () => {
    for (let i = 0; i < 3; i++) {
      await put(idOf(i));
    }
    const others = [
      await put(idOf(0, 'dock')),
      await put(fileFrameId({ source: 'gate', path: 'a', mtimeMs: 0, contentSha256: '' })),
    ];
    const window = create();
    await window.recover();
    await add(window, 5);
    assert.deepEqual(new Set(await bench.pending()), new Set([idOf(1), idOf(2), idOf(5), ...others]));
    assert.equal(dropped, 1);
  });
});
