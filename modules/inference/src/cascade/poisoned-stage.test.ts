import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inferenceTwinSchema } from '@edgeveil/contracts';
import { createFakeContext } from '@edgeveil/module-kit/testing';
import { DetectionsWriter } from '../detections-writer.ts';
import { Detector } from '../detector.ts';
import { FrameFlow } from '../frame-flow.ts';
import { FrameInference } from '../frame-inference.ts';
import { FrameQueue } from '../frame-queue.ts';
import { inferenceMetrics } from '../inference-metrics.ts';
import { ModelSlot } from '../model-slot.ts';
import { collect } from '../testing/collect.ts';
import { openTestFiles, openTestStores, putFrame, type TestStores } from '../testing/test-frames.ts';
import { writeTinyPackage } from '../testing/tiny-model.ts';
import { openCascade } from './open-cascade.ts';

const PERSON = { colour: [255, 0, 0], box: [24, 24, 8, 8] } as const;
/** The corner of the crop, which is the first byte that the stage's worker gets: 255, and 0 in all other crops. */
const CORNER = { colour: [255, 0, 0], box: [20, 20, 4, 4] } as const;
const DYING_WORKER = new URL('../testing/dying-worker.ts', import.meta.url);

describe('a frame that kills the worker of a stage', function () {
  this.timeout(60_000);

  let dir: string;
  let stores: TestStores;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-poisoned-stage-'));
    stores = await openTestStores(dir);
    await writeTinyPackage(join(dir, 'people'), { overrides: { labels: ['person', 'car', 'dog'] } });
    await writeTinyPackage(join(dir, 'faces'), { overrides: { labels: ['skin', 'hat', 'face'] } });
  });
  afterEach(async () => {
    await Promise.all([stores.frames.close(), stores.detections.close()]);
    await rm(dir, { recursive: true });
  });

  it('is set aside, and never stored with fewer detections; those beside it go on', async () => {
    const { cascade } = inferenceTwinSchema.parse({
      cascade: {
        faces: { labels: ['person'], yields: 'detections', model: { package: 'faces' }, margin: 0.5, minSize: 8 },
      },
    });
    const fake = createFakeContext({ twin: inferenceTwinSchema.parse({}), stateDir: dir });
    const { log, signal, metrics } = fake.context;
    const slot = new ModelSlot(fake.context.twin, {
      open: () =>
        openCascade({
          openFirst: () => Detector.open({ model: join(dir, 'people') }),
          openStage: () => Detector.open({ model: join(dir, 'faces'), workerFile: DYING_WORKER }),
          stages: cascade,
        }),
      onChange: () => undefined,
    });
    await slot.reload();
    const queue = new FrameQueue(100);
    const files = openTestFiles(stores);
    const inference = new FrameInference({
      files,
      writer: new DetectionsWriter({ files, log, signal }),
      metrics: inferenceMetrics(metrics, () => 0),
      log,
      onDetections: () => undefined,
      clock: Date.now,
    });
    const flow = new FrameFlow({ queue, slot, inference, log, signal, onRoom: () => undefined });
    const running = flow.run();
    await writeFile(join(dir, 'faces', 'model.onnx.die'), '255');
    const good = await Promise.all(Array.from({ length: 3 }, () => putFrame(stores, { patches: [PERSON] })));
    const poison = await putFrame(stores, { patches: [PERSON, CORNER] });
    for (const { id } of [poison, ...good]) {
      queue.add({ id, source: 'gate' });
    }
    flow.wake();
    while ([poison, ...good].some(({ id }) => queue.has(id))) {
      await new Promise(setImmediate);
    }
    assert.deepEqual((await collect(stores.detections.pending())).sort(), good.map(({ id }) => id).sort());
    const quarantined = await collect(stores.frames.quarantined());
    assert.deepEqual(
      quarantined.map(({ id, reason }) => [id, reason.code]),
      [[poison.id, 'FRAME_POISON']],
    );
    fake.stop();
    await running;
    await slot.close();
  });
});
