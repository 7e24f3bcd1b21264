import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type InferenceTwin, inferenceTwinSchema, TransientError } from '@edgeveil/contracts';
import { createFakeContext, type FakeContext } from '@edgeveil/module-kit/testing';
import { DetectionsWriter, type DetectionsWriterOptions } from './detections-writer.ts';
import { Detector } from './detector.ts';
import { FrameFlow } from './frame-flow.ts';
import { FrameInference } from './frame-inference.ts';
import { FrameQueue } from './frame-queue.ts';
import { inferenceMetrics } from './inference-metrics.ts';
import { ModelSlot } from './model-slot.ts';
import { collect } from './testing/collect.ts';
import { openTestStores, putFrame, type TestStores } from './testing/test-frames.ts';
import { writeTinyPackage } from './testing/tiny-model.ts';

const WHITE = { colour: [255, 255, 255], box: [0, 0, 8, 8] } as const;
const RED_ELSEWHERE = { colour: [255, 0, 0], box: [16, 16, 8, 8] } as const;

const DYING_WORKER = new URL('./testing/dying-worker.ts', import.meta.url);

describe('FrameFlow', () => {
  let dir: string;
  let stores: TestStores;
  let fake: FakeContext<InferenceTwin>;
  let slot: ModelSlot;
  let queue: FrameQueue;
  let flow: FrameFlow;
  let running: Promise<void>;

  /** Starts a flow over the given store of detections, with a worker that can be told to die. */
  async function start(detections: DetectionsWriterOptions['detections']): Promise<void> {
    const path = await writeTinyPackage(join(dir, 'tiny'));
    fake = createFakeContext({ twin: inferenceTwinSchema.parse({}), stateDir: dir });
    const { context } = fake;
    slot = new ModelSlot(context.twin, {
      open: () => Detector.open({ model: path, workerFile: DYING_WORKER, log: context.log }),
      onChange: () => flow?.wake(),
    });
    await slot.reload();
    queue = new FrameQueue(100);
    const inference = new FrameInference({
      frames: stores.frames,
      detections: stores.detections,
      writer: new DetectionsWriter({
        detections,
        log: context.log,
        signal: context.signal,
        delaysMs: () => [1, 1, 1, 1, 1],
      }),
      metrics: inferenceMetrics(context.metrics, () => 0),
      log: context.log,
      owner: 'inference',
      instance: 'test',
      onDetections: () => undefined,
      clock: Date.now,
    });
    flow = new FrameFlow({ queue, slot, inference, log: context.log, signal: context.signal, onRoom: () => undefined });
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

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-flow-'));
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
    await start(stores.detections);
    const good = await Promise.all(Array.from({ length: 5 }, () => putFrame(stores, { patches: [RED_ELSEWHERE] })));
    const poison = await putFrame(stores, { patches: [WHITE] });
    // The first byte of the white picture is 255, of the others 0.
    await writeFile(join(dir, 'tiny', 'model.onnx.die'), '255');
    await inferAll([...good, poison].map(({ id }) => id));
    assert.equal((await collect(stores.detections.pending())).length, good.length);
    const quarantined = await collect(stores.frames.quarantined());
    assert.deepEqual(
      quarantined.map(({ id, reason }) => [id, reason.code]),
      [[poison.id, 'FRAME_POISON']],
    );
  });

  it('blames no frame when the session fails with any picture', async () => {
    await start(stores.detections);
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
      put: async (item, options) => {
        failures -= 1;
        if (failures >= 0) {
          throw new TransientError('STORE_DISK_FULL', 'no space left');
        }
        return stores.detections.put(item, options);
      },
    });
    const frame = await putFrame(stores);
    await inferAll([frame.id]);
    assert.equal(await stores.detections.has(frame.id), true);
    assert.equal(fake.lines.filter((line) => line.includes('STORE_DISK_FULL')).length, 1);
  });

  it('leaves frames that are gone, and goes on', async () => {
    await start(stores.detections);
    const gone = await putFrame(stores);
    await stores.frames.settle(gone.id);
    const frame = await putFrame(stores, { patches: [WHITE] });
    await inferAll([gone.id, frame.id]);
    assert.equal(await stores.detections.has(gone.id), false);
    assert.equal(await stores.detections.has(frame.id), true);
    assert.match(await fake.metricsText(), /frames_skipped_total\{[^}]*reason="gone"[^}]*\} 1/);
  });
});
