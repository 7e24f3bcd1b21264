import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type IngestTwin, ingestTwinSchema } from '@edgeveil/contracts';
import type { RunningModule } from '@edgeveil/module-kit';
import { createFakeContext, type FakeContext } from '@edgeveil/module-kit/testing';
import { ingest } from './ingest.ts';
import { TestBench, testJpeg } from './testing/test-bench.ts';

const folder = (path: string) => ({ type: 'folder', path, pollMs: 50, settleMs: 0 }) as const;

describe('ingest', () => {
  let bench: TestBench;
  let fake: FakeContext<IngestTwin>;
  let running: RunningModule<IngestTwin> | undefined;
  let arrived: () => void = () => {};

  beforeEach(async () => {
    bench = await TestBench.open();
  });
  afterEach(async () => {
    await running?.close();
    running = undefined;
    await bench.close();
  });

  async function start(twin: unknown): Promise<void> {
    fake = createFakeContext({
      twin: ingestTwinSchema.parse(twin),
      stateDir: bench.dir,
      moduleId: 'ingest',
      environment: {
        EDGEVEIL_FRAMES_DIR: bench.dir,
        EDGEVEIL_KEY_FILE: join(bench.dir, 'key.json'),
        EDGEVEIL_SOURCES_DIR: bench.sourcesDir,
      },
      onSend: () => queueMicrotask(() => arrived()),
    });
    running = await ingest.start(fake.context);
  }

  /** Resolves when the fake hub has so many frames. */
  async function frames(count: number): Promise<void> {
    while (fake.sent.frames.length < count) {
      await new Promise<void>((resolve) => {
        arrived = resolve;
      });
    }
  }

  it('takes pictures in, applies a new twin without a restart, and stops', async () => {
    await bench.write('one/a.jpg', await testJpeg(1));
    await start({ sources: { one: folder('one') } });
    await frames(1);
    await bench.write('two/b.jpg', await testJpeg(2));
    await running?.apply(ingestTwinSchema.parse({ sources: { one: folder('one'), two: folder('two') } }));
    await frames(2);
    assert.deepEqual(
      fake.sent.frames.map(({ source }) => source),
      ['one', 'two'],
    );
    await running?.apply(ingestTwinSchema.parse({ sources: { two: folder('two') } }));
    await mkdir(join(bench.sourcesDir, 'one'), { recursive: true });
    await bench.write('one/c.jpg', await testJpeg(3));
    await bench.write('two/d.jpg', await testJpeg(4));
    await frames(3);
    await running?.drain(AbortSignal.timeout(5000));
    assert.deepEqual(
      fake.sent.frames.map(({ source }) => source),
      ['one', 'two', 'two'],
    );
    assert.equal((await bench.pending()).length, 3);
    assert.deepEqual(fake.crashes, []);
    assert.match(await fake.metricsText(), /edgeveil_store_items\{[^}]*store="frames"[^}]*\} 3/);
  });

  it('applies new limits to the next picture', async () => {
    await mkdir(join(bench.sourcesDir, 'one'));
    await start({ sources: { one: folder('one') } });
    const limits = { maxPicturePixels: 100 };
    await running?.apply(ingestTwinSchema.parse({ sources: { one: folder('one') }, limits }));
    await bench.write('one/a.jpg', await testJpeg(1));
    await bench.write('one/b.jpg', await testJpeg(2, { width: 10, height: 10 }));
    await frames(1);
    await running?.drain(AbortSignal.timeout(5000));
    assert.equal(fake.sent.frames[0]?.name, 'b.jpg');
    assert.deepEqual(
      (await bench.quarantined()).map(({ reason }) => reason.code),
      ['PICTURE_TOO_MANY_PIXELS'],
    );
  });

  it('refuses overlapping sources and goes on as before', async () => {
    await mkdir(join(bench.sourcesDir, 'one'));
    await start({ sources: { one: folder('one') } });
    const overlapping = ingestTwinSchema.parse({ sources: { one: folder('one'), two: folder('one/two') } });
    await assert.rejects(async () => running?.apply(overlapping), { name: 'ConfigError', code: 'SOURCES_OVERLAP' });
    await bench.write('one/a.jpg', await testJpeg(1));
    await frames(1);
  });

  it('says which variables are missing', async () => {
    const context = createFakeContext({ twin: ingestTwinSchema.parse({}), stateDir: bench.dir }).context;
    await assert.rejects(ingest.start(context), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'ENVIRONMENT_INVALID');
      return /EDGEVEIL_FRAMES_DIR.*EDGEVEIL_KEY_FILE.*EDGEVEIL_SOURCES_DIR/s.test(error.message);
    });
  });
});
