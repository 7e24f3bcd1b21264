import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type FrameDetections, frameDetectionsSchema, inferenceTwinSchema } from '@edgeveil/contracts';
import type { RunningModule } from '@edgeveil/module-kit';
import { createFakeContext, type FakeContext } from '@edgeveil/module-kit/testing';
import { inference } from '../inference.ts';
import { collect } from '../testing/collect.ts';
import { openTestStores, putFrame, type TestStores } from '../testing/test-frames.ts';
import { writeTinyPackage } from '../testing/tiny-model.ts';
import { writeVectorPackage } from '../testing/vector-model.ts';

const PERSON = { colour: [255, 0, 0], box: [24, 24, 8, 8] } as const;
const FACE = { colour: [0, 0, 255], box: [28, 26, 2, 2] } as const;
const CHILD = fileURLToPath(new URL('../testing/cascade-child.ts', import.meta.url));

type Twin = ReturnType<typeof inferenceTwinSchema.parse>;

const FACES = { labels: ['person'], yields: 'detections', model: { package: 'faces' }, margin: 0.5, minSize: 8 };
const HELMET = { labels: ['person'], yields: 'classification', model: { package: 'helmet' }, minSize: 8 };
const SAME = { labels: ['person'], yields: 'embedding', model: { package: 'same' }, minSize: 8 };

function twinOf(cascade: Readonly<Record<string, unknown>>, rest: Readonly<Record<string, unknown>> = {}): Twin {
  return inferenceTwinSchema.parse({ model: { package: 'people' }, executionProviders: ['cpu'], cascade, ...rest });
}

describe('inference with a cascade', function () {
  this.timeout(60_000);

  let dir: string;
  let stores: TestStores;
  let fake: FakeContext<Twin> | undefined;
  let running: RunningModule<Twin> | undefined;
  let sent: FrameDetections[];
  let changed: PromiseWithResolvers<void>;

  async function start(twin: Twin): Promise<void> {
    sent = [];
    changed = Promise.withResolvers();
    fake = createFakeContext({
      twin,
      stateDir: dir,
      moduleId: 'inference',
      environment: {
        ...process.env,
        EDGEVEIL_FRAMES_DIR: join(dir, 'frames'),
        EDGEVEIL_KEY_FILE: join(dir, 'key.json'),
        EDGEVEIL_MODELS_DIR: join(dir, 'models'),
      },
      onSend: (name, item) => {
        if (name === 'detections') {
          sent.push(frameDetectionsSchema.parse(item));
          changed.resolve();
          changed = Promise.withResolvers();
        }
      },
    });
    running = await inference.start(fake.context);
  }

  async function inferred(count: number): Promise<readonly FrameDetections[]> {
    while (sent.length < count) {
      await changed.promise;
    }
    return sent;
  }

  async function give(...patches: Parameters<typeof putFrame>[1][]): Promise<string[]> {
    const frames = [];
    for (const options of patches) {
      frames.push(await putFrame(stores, options));
    }
    await running?.inputs?.frames?.handle(frames, AbortSignal.timeout(5000));
    return frames.map(({ id }) => id);
  }

  async function stored(id = ''): Promise<FrameDetections> {
    return frameDetectionsSchema.parse(await stores.detections.readMeta(id));
  }

  const model = () => fake?.reported().model as Readonly<Record<string, unknown>> & { readonly stages: object[] };

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-module-cascade-'));
    stores = await openTestStores(dir);
    const at = (name: string): string => join(dir, 'models', name);
    await writeTinyPackage(at('people'), { overrides: { name: 'people', labels: ['person', 'car', 'dog'] } });
    await writeTinyPackage(at('faces'), { overrides: { name: 'faces', labels: ['skin', 'hat', 'face'] } });
    await writeVectorPackage(at('helmet'), { labels: ['worn', 'missing'], values: [0.2, 0.8] });
    await writeVectorPackage(at('same'), { values: [0.5, -1, 2] });
  });
  afterEach(async () => {
    fake?.stop();
    await running?.drain(AbortSignal.timeout(5000));
    await running?.close();
    assert.deepEqual(fake?.crashes ?? [], []);
    fake = undefined;
    running = undefined;
    await Promise.all([stores.frames.close(), stores.detections.close()]);
    await rm(dir, { recursive: true });
  });

  it('stores what all stages say, and announces what may be', async () => {
    await start(twinOf({ faces: FACES, helmet: HELMET, same: SAME }));
    const [id] = await give({ patches: [PERSON, FACE] });
    const [message] = await inferred(1);
    const kept = await stored(id);
    const [person] = kept.detections;
    assert.deepEqual(kept.labels, ['person', 'car', 'dog', 'skin', 'hat', 'face']);
    assert.deepEqual(kept.detections.find(({ label }) => label === 'face')?.box, [28, 26, 2, 2]);
    assert.deepEqual(person?.attributes, [{ stage: 'helmet', label: 'missing', score: 0.8 }]);
    const features = Buffer.from(person?.embeddings?.[0]?.values ?? '', 'base64');
    assert.deepEqual(
      [0, 4, 8].map((offset) => features.readFloatLE(offset)),
      [0.5, -1, 2],
    );
    assert.deepEqual(
      kept.stages?.map(({ name, yields, isDone }) => [name, yields, isDone]),
      [
        ['faces', 'detections', true],
        ['helmet', 'classification', true],
        ['same', 'embedding', true],
      ],
    );
    assert.deepEqual(message?.detections[0]?.attributes, person?.attributes);
    assert.ok(!JSON.stringify(message).includes(person?.embeddings?.[0]?.values ?? '?'));
    assert.equal(message?.detections.length, kept.detections.length);
    assert.deepEqual(
      model().stages.map((stage) => Object.values(stage).slice(0, 4)),
      [
        ['faces', 'detections', 'running', 'faces'],
        ['helmet', 'classification', 'running', 'classification'],
        ['same', 'embedding', 'running', 'embedding'],
      ],
    );
  });

  it('lets frames wait while a stage has no model, and goes on when it is there', async () => {
    await rm(join(dir, 'models/faces'), { recursive: true });
    await start(twinOf({ faces: FACES }));
    const [id] = await give({ patches: [PERSON, FACE] });
    assert.deepEqual([model().status, model().code], ['failed', 'MODEL_NOT_FOUND']);
    assert.equal(fake?.health.readiness().isOk, false);
    await writeTinyPackage(join(dir, 'models/faces'), { overrides: { labels: ['skin', 'hat', 'face'] } });
    await running?.apply(twinOf({ faces: FACES }));
    await inferred(1);
    assert.ok((await stored(id)).detections.some(({ label }) => label === 'face'));
  });

  it('keeps the cascade in use when another cannot be loaded', async () => {
    await start(twinOf({ faces: FACES }));
    await running?.apply(twinOf({ faces: { ...FACES, labels: ['horse'] } }));
    assert.equal((model().refused as { code?: string } | null)?.code, 'CASCADE_LABEL_UNKNOWN');
    await give({ patches: [PERSON, FACE] });
    const [message] = await inferred(1);
    assert.ok(message?.detections.some(({ label }) => label === 'face'));
  });

  it('goes on without a stage that is not required, and says so', async () => {
    await writeFile(join(dir, 'models/helmet/model.onnx'), 'no model');
    await start(twinOf({ faces: FACES, helmet: { ...HELMET, required: false } }));
    const [id] = await give({ patches: [PERSON, FACE] });
    await inferred(1);
    const { stages, detections } = await stored(id);
    assert.deepEqual(
      stages?.map(({ name, isDone }) => [name, isDone]),
      [
        ['faces', true],
        ['helmet', false],
      ],
    );
    assert.ok(detections.some(({ label }) => label === 'face'));
    assert.ok(detections.every(({ attributes }) => attributes === undefined));
    assert.ok(fake?.sent.events.some(({ code }) => code === 'CASCADE_STAGE_FAILED'));
  });

  it('cuts pictures of a source into tiles from the next frame on, without a load', async () => {
    await start(twinOf({}));
    const { loadMs } = model();
    await running?.apply(twinOf({}, { tiling: { gate: { rows: 2, columns: 2, overlap: 0 } } }));
    assert.equal(model().loadMs, loadMs);
    // Enlarged to the input a tile shows the patch on four cells; the whole picture shows it on one.
    const small = { colour: [255, 0, 0], box: [40, 8, 4, 4] } as const;
    await give({ patches: [small] }, { patches: [small], source: 'dock' });
    const bySource = new Map((await inferred(2)).map(({ frame, detections }) => [frame.source, detections]));
    assert.deepEqual(
      bySource.get('gate')?.map(({ box }) => box),
      [[40, 8, 4, 4]],
    );
    assert.deepEqual(bySource.get('dock'), []);
  });

  it('never leaves a result without a stage, whenever it is killed', async () => {
    for (let frame = 0; frame < 40; frame += 1) {
      await putFrame(stores, { patches: [PERSON, FACE] });
    }
    // Not all: a claim that was half written when its process was killed is only taken over after a while.
    for (const enough of [1, 9, 16, 28]) {
      const child = spawn(process.execPath, [CHILD, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
      const exited = once(child, 'exit');
      const already = (await collect(stores.detections.pending())).length;
      let seen = 0;
      for await (const _ of createInterface({ input: child.stdout })) {
        seen += 1;
        if (already + seen >= enough) {
          child.kill('SIGKILL');
        }
      }
      await exited;
      for await (const id of stores.detections.pending()) {
        const { stages, detections } = await stored(id);
        assert.deepEqual(
          stages?.map(({ name, isDone }) => [name, isDone]),
          [['faces', true]],
        );
        assert.ok(detections.some(({ label, stage }) => label === 'face' && stage === 'faces'));
      }
    }
    assert.ok((await collect(stores.detections.pending())).length >= 28);
    assert.deepEqual(await collect(stores.frames.quarantined()), []);
  });
});
