import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type InferenceTwin, inferenceTwinSchema, TransientError } from '@edgeveil/contracts';
import { createFakeContext, type FakeContext } from '@edgeveil/module-kit/testing';
import { DetectionsWriter } from './detections-writer.ts';
import { Detector } from './detector.ts';
import type { FrameFiles } from './frame-files/frame-files.ts';
import { type FlowPace, FrameFlow } from './frame-flow.ts';
import { FrameInference } from './frame-inference.ts';
import { FrameQueue, queuedFrame } from './frame-queue.ts';
import { inferenceMetrics } from './inference-metrics.ts';
import { ModelSlot } from './model-slot.ts';
import { collect } from './testing/collect.ts';
import { openTestFiles, openTestStores, putFrame, type TestStores } from './testing/test-frames.ts';
import { pngWith } from './testing/test-pictures.ts';
import { writeTinyPackage } from './testing/tiny-model.ts';

const WHITE = { colour: [255, 255, 255], box: [0, 0, 8, 8] } as const;
const RED_ELSEWHERE = { colour: [255, 0, 0], box: [16, 16, 8, 8] } as const;

const DYING_WORKER = new URL('./testing/dying-worker.ts', import.meta.url);

interface StartOptions extends Partial<Pick<FrameFiles, 'put'>> {
  /** Throws what preparing a picture may throw. */
  readonly beforePrepare?: (bytes: Buffer) => void;
  /** Another process than the one before. */
  readonly instance?: string;
}

describe('FrameFlow', () => {
  let dir: string;
  let stores: TestStores;
  let fake: FakeContext<InferenceTwin>;
  let slot: ModelSlot;
  let queue: FrameQueue;
  let flow: FrameFlow;
  let running: Promise<void>;
  let pace: FlowPace;

  /** Starts a flow with a worker that can be told to die. */
  async function start({ put, beforePrepare, instance }: StartOptions = {}): Promise<void> {
    // Eight at a time: with a model that takes any number the CPU would get them one by one.
    const path = await writeTinyPackage(join(dir, 'tiny'), { batch: 8 });
    fake = createFakeContext({ twin: inferenceTwinSchema.parse({}), stateDir: dir });
    const { context } = fake;
    slot = new ModelSlot(context.twin, {
      open: async () => {
        const detector = await Detector.open({ model: path, workerFile: DYING_WORKER, log: context.log });
        const prepare = detector.prepare.bind(detector);
        detector.prepare = async (picture) => {
          beforePrepare?.(picture.bytes);
          return prepare(picture);
        };
        return detector;
      },
      onChange: () => flow?.wake(),
    });
    await slot.reload();
    queue = new FrameQueue(100);
    const files = openTestFiles(stores, instance);
    const inference = new FrameInference({
      files,
      writer: new DetectionsWriter({
        files: put === undefined ? files : { put },
        log: context.log,
        signal: context.signal,
        delaysMs: () => [1, 1, 1, 1, 1],
      }),
      metrics: inferenceMetrics(context.metrics, () => 0),
      log: context.log,
      onDetections: () => undefined,
      clock: Date.now,
    });
    const { log, signal } = context;
    flow = new FrameFlow({ queue, slot, inference, log, signal, onRoom: () => undefined, pace: () => pace });
    running = flow.run();
  }

  async function inferAll(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      queue.add({ id, source: 'gate' });
    }
    flow.wake();
    while (ids.some((id) => queue.has(id))) {
      await new Promise(setImmediate);
    }
  }

  /** This frame is poison, and no other. */
  async function assertSetAside(poison: string): Promise<void> {
    const quarantined = await collect(stores.frames.quarantined());
    assert.deepEqual(
      quarantined.map(({ id, reason }) => [id, reason.code]),
      [[poison, 'FRAME_POISON']],
    );
  }

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-flow-'));
    pace = { maxDelayMs: 0, maxLiveAgeMs: Number.POSITIVE_INFINITY };
    stores = await openTestStores(dir);
  });
  afterEach(async () => {
    fake.stop();
    await running;
    await slot.close();
    await Promise.all([stores.frames.close(), stores.detections.close()]);
    await rm(dir, { recursive: true });
  });

  it('sets a frame aside that kills the worker each time, and none of those beside it', async () => {
    await start();
    const good = await Promise.all(Array.from({ length: 5 }, () => putFrame(stores, { patches: [RED_ELSEWHERE] })));
    const poison = await putFrame(stores, { patches: [WHITE] });
    // The first byte of the white picture is 255, of the others 0.
    await writeFile(join(dir, 'tiny', 'model.onnx.die'), '255');
    await inferAll([...good, poison].map(({ id }) => id));
    assert.equal((await collect(stores.detections.pending())).length, good.length);
    await assertSetAside(poison.id);
  });

  it('sets a frame aside that kills its thread of pictures each time, and none of those beside it', async () => {
    const bytes = await pngWith(64, 64, [WHITE]);
    let deaths = 0;
    await start({
      beforePrepare: (picture) => {
        if (picture.equals(bytes)) {
          deaths += 1;
          throw new TransientError('PICTURE_THREAD_LOST', 'a thread that works on pictures died');
        }
      },
    });
    const good = await Promise.all(Array.from({ length: 5 }, () => putFrame(stores)));
    const poison = await putFrame(stores, { bytes });
    await inferAll([...good, poison].map(({ id }) => id));
    assert.equal((await collect(stores.detections.pending())).length, good.length);
    await assertSetAside(poison.id);
    assert.equal(deaths, 4, 'once in a batch, three times alone');
  });

  it('counts the attempt at a frame that meets a bug, which ends the module', async () => {
    const frame = await putFrame(stores);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await start({
        instance: `process ${attempt}`,
        beforePrepare: () => {
          throw new RangeError('a bug');
        },
      });
      const stopped = assert.rejects(running, RangeError);
      await inferAll([frame.id]);
      await stopped;
      await slot.close();
    }
    await start({ instance: 'process 4' });
    await inferAll([frame.id]);
    await assertSetAside(frame.id);
  });

  it('blames no frame when the session fails with any picture', async () => {
    await start();
    const frame = await putFrame(stores, { patches: [WHITE] });
    const marker = join(dir, 'tiny', 'model.onnx.die');
    await writeFile(marker, '');
    await inferAll([frame.id]);
    assert.equal(await stores.frames.has(frame.id), true);
    assert.equal((await collect(stores.frames.quarantined())).length, 0);
    await rm(marker);
    await inferAll([frame.id]);
    assert.equal(await stores.detections.has(frame.id), true);
  });

  it('tries again when there is no room for detections', async () => {
    let failures = 3;
    await start({
      put: async (result) => {
        failures -= 1;
        if (failures >= 0) {
          throw new TransientError('STORE_DISK_FULL', 'no space left');
        }
        return openTestFiles(stores).put(result);
      },
    });
    const frame = await putFrame(stores);
    await inferAll([frame.id]);
    assert.equal(await stores.detections.has(frame.id), true);
    assert.equal(fake.lines.filter((line) => line.includes('STORE_DISK_FULL')).length, 1);
  });

  it('leaves frames that are gone, and goes on', async () => {
    await start();
    const gone = await putFrame(stores);
    await stores.frames.settle(gone.id);
    const frame = await putFrame(stores, { patches: [WHITE] });
    await inferAll([gone.id, frame.id]);
    assert.equal(await stores.detections.has(gone.id), false);
    assert.equal(await stores.detections.has(frame.id), true);
    assert.match(await fake.metricsText(), /frames_skipped_total\{[^}]*reason="gone"[^}]*\} 1/);
  });

  it('lets a frame wait for company, until the batch is full or the time is over', async () => {
    pace = { ...pace, maxDelayMs: 60_000 };
    await start();
    const frames = await Promise.all(
      Array.from({ length: 8 }, (_, index) => putFrame(stores, { source: `s${index}` })),
    );
    for (const frame of frames.slice(0, 7)) {
      queue.add(queuedFrame(frame));
    }
    flow.wake();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([queue.size, flow.underWay], [7, 0]);
    await inferAll(frames.map(({ id }) => id));
    assert.match(await fake.metricsText(), /batch_frames_bucket\{[^}]*le="4"[^}]*\} 0\n[^\n]*le="8"[^}]*\} 1/);

    pace = { ...pace, maxDelayMs: 20 };
    const alone = await putFrame(stores);
    await inferAll([alone.id]);
    assert.equal(await stores.detections.has(alone.id), true);
  });

  it('drops live frames that have grown stale, counts them, and keeps guaranteed ones of the same age', async () => {
    pace = { ...pace, maxLiveAgeMs: 5000 };
    await start();
    // Test frames are of a day long past.
    const live = await putFrame(stores, { source: 'camera', guarantee: 'live' });
    const guaranteed = await putFrame(stores);
    queue.add(queuedFrame(live));
    queue.add(queuedFrame(guaranteed));
    flow.wake();
    while (queue.has(live.id) || queue.has(guaranteed.id)) {
      await new Promise(setImmediate);
    }
    assert.deepEqual([await stores.frames.has(live.id), await stores.detections.has(live.id)], [false, false]);
    assert.equal(await stores.detections.has(guaranteed.id), true);
    assert.match(await fake.metricsText(), /frames_dropped_total\{[^}]*source="camera"[^}]*reason="stale"[^}]*\} 1/);
  });
});
