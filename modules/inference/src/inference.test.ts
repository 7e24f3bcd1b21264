import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FrameDetections, frameDetectionsSchema, inferenceTwinSchema } from '@edgeveil/contracts';
import type { RunningModule } from '@edgeveil/module-kit';
import { createFakeContext, type FakeContext } from '@edgeveil/module-kit/testing';
import { inference } from './inference.ts';
import { collect } from './testing/collect.ts';
import { testEnvironment } from './testing/test-environment.ts';
import { openTestStores, putFrame, type TestStores } from './testing/test-frames.ts';
import { writeTinyPackage } from './testing/tiny-model.ts';

const RED = { colour: [255, 0, 0], box: [8, 16, 8, 8] } as const;
const GREEN = { colour: [0, 255, 0], box: [40, 0, 8, 8] } as const;

type Twin = ReturnType<typeof inferenceTwinSchema.parse>;

/** Twin of a package in the test's models folder. */
function twinOf(model: string, rest: Record<string, unknown> = {}): Twin {
  return inferenceTwinSchema.parse({ model: { package: model }, executionProviders: ['cpu'], ...rest });
}

class Run {
  readonly fake: FakeContext<Twin>;
  readonly #sent: FrameDetections[] = [];
  #changed = Promise.withResolvers<void>();
  #running: RunningModule<Twin> | undefined;

  constructor(dir: string, twin: Twin) {
    this.fake = createFakeContext({
      twin,
      stateDir: dir,
      moduleId: 'inference',
      environment: testEnvironment(dir),
      onSend: (name, item) => {
        if (name === 'detections') {
          this.#sent.push(frameDetectionsSchema.parse(item));
          this.#changed.resolve();
          this.#changed = Promise.withResolvers();
        }
      },
    });
  }

  async start(): Promise<RunningModule<Twin>> {
    this.#running = await inference.start(this.fake.context);
    return this.#running;
  }

  /** The detections that have been announced, once there are so many. */
  async sent(count: number): Promise<readonly FrameDetections[]> {
    while (this.#sent.length < count) {
      await this.#changed.promise;
    }
    assert.equal(this.#sent.length, count);
    return this.#sent;
  }

  async stop(): Promise<void> {
    this.fake.stop();
    await this.#running?.drain(AbortSignal.timeout(5000));
    await this.#running?.close();
    assert.deepEqual(this.fake.crashes, []);
  }

  model(): Readonly<Record<string, unknown>> {
    return this.fake.reported().model as Readonly<Record<string, unknown>>;
  }
}

describe('inference', () => {
  let dir: string;
  let stores: TestStores;
  let runs: Run[];
  const run = (twin: Twin): Run => {
    const created = new Run(dir, twin);
    runs.push(created);
    return created;
  };

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-inference-'));
    await writeTinyPackage(join(dir, 'models', 'tiny'));
    stores = await openTestStores(dir);
    runs = [];
  });
  afterEach(async () => {
    await Promise.all(runs.map((each) => each.stop()));
    await Promise.all([stores.frames.close(), stores.detections.close()]);
    await rm(dir, { recursive: true });
  });

  it('stores and announces what it finds in an announced frame', async () => {
    const module = run(twinOf('tiny'));
    const running = await module.start();
    const frame = await putFrame(stores, { patches: [RED, GREEN] });
    await running.inputs?.frames?.handle([frame], AbortSignal.timeout(5000));
    const [sent] = await module.sent(1);
    assert.deepEqual(sent?.frame, frame);
    assert.deepEqual(
      new Map(sent?.detections.map(({ label, box }) => [label, box])),
      new Map([
        ['red', [8, 16, 8, 8]],
        ['green', [40, 0, 8, 8]],
      ]),
    );
    assert.deepEqual(sent.labels, ['red', 'green', 'blue']);
    assert.deepEqual((await stores.detections.read(frame.id))?.meta, sent);
    // The frame is left to redact, and its attempt is not counted.
    const lease = await stores.frames.claim(frame.id, { owner: 'redact', instance: 'x', leaseMs: 1000 });
    assert.equal(lease?.attempt, 1);
  });

  it('finds frames that nobody announced, but not those that have detections', async () => {
    const frames = await Promise.all([putFrame(stores, { patches: [RED] }), putFrame(stores, { source: 'yard' })]);
    const inferred = await putFrame(stores);
    await stores.detections.put({ id: inferred.id, meta: {}, payload: Buffer.alloc(0) });
    const module = run(twinOf('tiny'));
    await module.start();
    const sent = await module.sent(2);
    assert.deepEqual(sent.map(({ frame }) => frame.id).sort(), frames.map(({ id }) => id).sort());
    assert.match(await module.fake.metricsText(), /edgeveil_frames_inferred_total\{[^}]*source="yard"[^}]*\} 1/);
  });

  it('sets a picture that cannot be read aside and goes on with the next', async () => {
    const broken = await putFrame(stores, {
      bytes: Buffer.from('\x89PNG\r\n\x1a\nand then nothing of the kind', 'latin1'),
    });
    await putFrame(stores, { patches: [RED] });
    const module = run(twinOf('tiny'));
    await module.start();
    await module.sent(1);
    await module.stop();
    const quarantined = await collect(stores.frames.quarantined());
    assert.deepEqual(
      quarantined.map(({ id, reason }) => [id, reason.code]),
      [[broken.id, 'PICTURE_TRUNCATED']],
    );
    assert.equal(await stores.frames.has(broken.id), false);
  });

  it('sets a frame aside whose processing has killed the process three times', async () => {
    const poison = await putFrame(stores, { patches: [RED] });
    for (const instance of ['first', 'second', 'third']) {
      await stores.frames.claim(poison.id, { owner: 'inference', instance, leaseMs: 60_000 });
    }
    await putFrame(stores, { patches: [GREEN] });
    const module = run(twinOf('tiny'));
    await module.start();
    await module.sent(1);
    await module.stop();
    const [first] = await collect(stores.frames.quarantined());
    assert.deepEqual([first?.id, first?.reason.code], [poison.id, 'FRAME_POISON']);
  });

  it('infers a frame whose processing was killed once', async () => {
    const frame = await putFrame(stores, { patches: [RED] });
    await stores.frames.claim(frame.id, { owner: 'inference', instance: 'killed', leaseMs: 60_000 });
    const module = run(twinOf('tiny'));
    await module.start();
    assert.equal((await module.sent(1))[0]?.frame.id, frame.id);
  });

  it('reports the model that runs, and on what', async () => {
    const module = run(twinOf('tiny', { executionProviders: ['cuda', 'cpu'], threads: 1 }));
    await module.start();
    const model = module.model();
    assert.deepEqual([model.status, model.name, model.version, model.threads], ['running', 'tiny', '1.0.0', 1]);
    assert.deepEqual(model.labels, ['red', 'green', 'blue']);
    assert.deepEqual((model.provider as { asked: unknown }).asked, ['cuda', 'cpu']);
    assert.equal(model.code ?? undefined, undefined);
    assert.equal(module.fake.health.readiness().isOk, true);
  });

  for (const { what, code, prepare } of [
    {
      what: 'has another hash than its package says',
      code: 'MODEL_SHA256_MISMATCH',
      prepare: (path: string) =>
        writeTinyPackage(path, { overrides: { sha256: '0'.repeat(64) } }).then(() => undefined),
    },
    {
      what: 'is no model',
      code: 'MODEL_SHA256_MISMATCH',
      prepare: async (path: string) => {
        await writeTinyPackage(path);
        await writeFile(join(path, 'model.onnx'), 'no model');
      },
    },
    {
      what: 'gives other outputs than its package says',
      code: 'MODEL_OUTPUT_MISMATCH',
      prepare: (path: string) => writeTinyPackage(path, { overrides: { labels: ['face'] } }).then(() => undefined),
    },
    { what: 'is missing', code: 'MODEL_NOT_FOUND', prepare: async () => undefined },
  ]) {
    it(`lets frames wait when the model ${what}, says why, and goes on with a good one`, async () => {
      await prepare(join(dir, 'models', 'bad'));
      const frame = await putFrame(stores, { patches: [RED] });
      const module = run(twinOf('bad'));
      const running = await module.start();
      await running.inputs?.frames?.handle([frame], AbortSignal.timeout(5000));

      const failed = module.model();
      assert.deepEqual([failed.status, failed.code], ['failed', code]);
      assert.equal(typeof failed.expected, 'string');
      assert.equal(typeof failed.found, 'string');
      assert.equal(module.fake.health.readiness().isOk, false);
      assert.ok(module.fake.lines.some((line) => line.includes(code)));
      assert.equal(await stores.detections.has(frame.id), false);

      await running.apply(twinOf('tiny'));
      assert.equal((await module.sent(1))[0]?.frame.id, frame.id);
      assert.equal(module.model().status, 'running');
      assert.equal(module.model().code ?? undefined, undefined);
      assert.equal(module.fake.health.readiness().isOk, true);
    });
  }

  it('keeps the model in use when the twin asks for one that does not load, and says why', async () => {
    const module = run(twinOf('tiny'));
    const running = await module.start();
    await running.apply(twinOf('no-such-model'));
    const frame = await putFrame(stores, { patches: [RED] });
    await running.inputs?.frames?.handle([frame], AbortSignal.timeout(5000));
    assert.equal((await module.sent(1))[0]?.detections.length, 1);
    const model = module.model();
    assert.deepEqual([model.status, model.name], ['running', 'tiny']);
    assert.equal((model.refused as { code: unknown }).code, 'MODEL_NOT_FOUND');
    assert.equal((model.asked as { package: unknown }).package, 'no-such-model');
    assert.equal(module.fake.health.readiness().isOk, true);
    assert.deepEqual(
      module.fake.sent.events.map(({ code, details }) => [
        code,
        (details?.running as { name?: unknown } | undefined)?.name,
      ]),
      [['MODEL_FAILED', 'tiny']],
    );
    await running.apply(twinOf('tiny', { model: { package: 'tiny', labelThresholds: { red: 0.999 } } }));
    assert.equal(module.model().refused ?? undefined, undefined);
  });

  it('switches models between two frames', async () => {
    await writeTinyPackage(join(dir, 'models', 'other'), {
      batch: 1,
      overrides: { name: 'other', labels: ['face', 'plate', 'car'] },
    });
    const module = run(twinOf('tiny'));
    const running = await module.start();
    await running.inputs?.frames?.handle([await putFrame(stores, { patches: [RED] })], AbortSignal.timeout(5000));
    await module.sent(1);
    await running.apply(twinOf('other'));
    await running.inputs?.frames?.handle([await putFrame(stores, { patches: [RED] })], AbortSignal.timeout(5000));
    const labels = (await module.sent(2)).map(({ detections }) => detections[0]?.label);
    assert.deepEqual(labels, ['red', 'face']);
  });

  it('finishes what is under way when it stops', async () => {
    await Promise.all(Array.from({ length: 40 }, () => putFrame(stores, { patches: [RED] })));
    const module = run(twinOf('tiny', { maxBatch: 4 }));
    await module.start();
    while ((await collect(stores.detections.pending())).length === 0) {
      await new Promise(setImmediate);
    }
    await module.stop();
    const inferred = await collect(stores.detections.pending());
    assert.ok(inferred.length < 40, 'stopped before all was done');
    // Whatever was begun is done or given back: nobody finds a claim in the way.
    for await (const id of stores.frames.pending()) {
      const lease = await stores.frames.claim(id, { owner: 'somebody', instance: 'else', leaseMs: 1000 });
      assert.equal(lease?.attempt, 1);
    }
  });
});
