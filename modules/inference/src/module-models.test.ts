import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type InferenceTwin, inferenceTwinSchema, RejectedError } from '@edgeveil/contracts';
import type { RunningModule } from '@edgeveil/module-kit';
import { createFakeContext, type FakeContext } from '@edgeveil/module-kit/testing';
import { encodeOnnx, parseOnnx } from '@edgeveil/onnx-graph';
import { inference } from './inference.ts';
import { ModelServer } from './testing/model-server.ts';
import { testEnvironment } from './testing/test-environment.ts';
import { openTestStores, putFrame, type TestStores } from './testing/test-frames.ts';
import { tinyModel, tinyPackage, writeTinyPackage } from './testing/tiny-model.ts';

const SAS = '?sv=2024-11-04&sig=VerySecretSignature';
const RED = { colour: [255, 0, 0], box: [8, 16, 8, 8] } as const;

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('models of the inference module', function () {
  this.timeout(60_000);
  let dir: string;
  let server: ModelServer;
  let stores: TestStores;
  let fake: FakeContext<InferenceTwin>;
  let running: RunningModule<InferenceTwin> | undefined;

  const twinOf = (model: object, rest: object = {}): InferenceTwin =>
    inferenceTwinSchema.parse({ model, executionProviders: ['cpu'], threads: 1, ...rest });
  const start = async (twin: InferenceTwin): Promise<void> => {
    fake = createFakeContext({
      twin,
      stateDir: join(dir, 'state'),
      moduleId: 'inference',
      environment: { PATH: process.env.PATH, ...testEnvironment(dir) },
    });
    running = await inference.start(fake.context);
  };
  const stop = async (): Promise<void> => {
    fake.stop();
    await running?.drain(AbortSignal.timeout(5000));
    await running?.close();
    running = undefined;
    assert.deepEqual(fake.crashes, []);
    assert.doesNotMatch(fake.lines.join('\n') + JSON.stringify([fake.reported(), fake.sent]), /VerySecretSignature/);
  };
  /** Calls a direct method as the kit does. */
  const call = async (name: string, payload?: unknown): Promise<Record<string, unknown>> => {
    const method = running?.methods?.[name];
    assert.ok(method !== undefined, name);
    return (await method.call(method.payload.parse(payload), AbortSignal.timeout(30_000))) as Record<string, unknown>;
  };
  const model = () => fake.reported().model as Readonly<Record<string, unknown>>;
  const inUse = (): string => `${model().name} ${model().version}`;
  const upload = async (bytes: Uint8Array, description: object, use: boolean) => {
    const sha256 = sha256Of(bytes);
    await call('model-upload-begin', { sha256, bytes: bytes.length, ...description });
    await call('model-upload-part', { sha256, offset: 0, data: Buffer.from(bytes).toString('base64') });
    return call('model-upload-commit', { sha256, use });
  };

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-models-'));
    await mkdir(join(dir, 'state'));
    await writeTinyPackage(join(dir, 'models', 'tiny'));
    stores = await openTestStores(dir);
    server = await ModelServer.open();
  });
  afterEach(async () => {
    if (running !== undefined) await stop();
    await server.close();
    await Promise.all([stores.frames.close(), stores.detections.close()]);
    await rm(dir, { recursive: true });
  });

  it('fetches a model from a URL, keeps it, and needs no line for it the next time', async () => {
    const bytes = tinyModel({ batch: 1 });
    const description = tinyPackage(bytes, { name: 'yard', version: '3' });
    server.blobs.set('/m/model.onnx', bytes);
    server.blobs.set('/m/model.json', Buffer.from(JSON.stringify(description)));
    const twin = twinOf({
      url: server.url(`/m/model.onnx${SAS}`),
      descriptionUrl: server.url(`/m/model.json${SAS}`),
      sha256: sha256Of(bytes),
    });
    await start(twin);
    assert.equal(inUse(), 'yard 3');
    await stop();
    const { length } = server.requests;
    await start(twin);
    assert.equal(inUse(), 'yard 3');
    assert.equal(server.requests.length, length);
    // A new SAS for the same blob changes nothing.
    const detector = JSON.stringify(model());
    await running?.apply(twinOf({ ...twin.model, url: server.url('/m/model.onnx?sig=another') }));
    assert.equal(JSON.stringify(model()), detector);
  });

  it('recognises a bare model from a URL, and calls it by its file', async () => {
    const bytes = tinyModel();
    server.blobs.set('/models/yard-people.onnx', bytes);
    await start(twinOf({ url: server.url(`/models/yard-people.onnx${SAS}`), sha256: sha256Of(bytes) }));
    assert.equal(model().name, 'yard-people');
    assert.equal((model().asked as { url: unknown }).url, server.url('/models/yard-people.onnx'));
  });

  it('keeps the model in use while another cannot be fetched, and takes it when it can', async () => {
    await start(twinOf({ package: 'tiny' }));
    const bytes = tinyModel({ batch: 2 });
    server.statuses.push(503);
    server.blobs.set('/late.onnx', bytes);
    await running?.apply(twinOf({ url: server.url(`/late.onnx${SAS}`), sha256: sha256Of(bytes) }));
    assert.equal(model().name, 'tiny');
    assert.equal((model().refused as { code: unknown }).code, 'MODEL_DOWNLOAD_FAILED');
    await running?.apply(twinOf({ url: server.url(`/late.onnx${SAS}`), sha256: sha256Of(bytes), scoreThreshold: 0.4 }));
    assert.equal(model().name, 'late');
    assert.equal(model().refused ?? undefined, undefined);
  });

  it('leaves a download that hangs when another model is asked for, and tells nothing of it', async () => {
    await start(twinOf({ package: 'tiny' }));
    await writeTinyPackage(join(dir, 'models', 'other'), { batch: 1, overrides: { name: 'other' } });
    const { promise, resolve: letGo } = Promise.withResolvers<void>();
    server.gate = promise;
    const hangs = running?.apply(twinOf({ url: server.url(`/hangs.onnx${SAS}`), sha256: '1'.repeat(64) }));
    await running?.apply(twinOf({ package: 'other' }));
    await hangs;
    assert.equal(model().name, 'other');
    assert.equal(model().refused ?? undefined, undefined);
    assert.doesNotMatch(fake.lines.join('\n'), /not usable/);
    letGo();
  });

  it('takes a model through direct methods, rolls back, and follows the twin again', async () => {
    await start(twinOf({ package: 'tiny' }));
    const bytes = tinyModel({ batch: 1 });
    const description = tinyPackage(bytes, { name: 'pushed', version: '1' });
    assert.deepEqual((await upload(bytes, { description }, true)).status, 'switched');
    assert.equal(inUse(), 'pushed 1');

    await call('model-rollback');
    assert.equal(inUse(), 'tiny 1.0.0');
    assert.deepEqual((model().asked as { pinned: { name: unknown } }).pinned.name, 'tiny');
    await call('model-use', { name: 'pushed', version: '1' });
    assert.equal(inUse(), 'pushed 1');

    // What a method chose holds over a restart, until the twin asks for another model.
    await stop();
    await start(twinOf({ package: 'tiny' }));
    assert.equal(inUse(), 'pushed 1');
    const list = await call('model-list');
    assert.equal((list.pinned as { name: unknown }).name, 'pushed');
    assert.deepEqual((list.library as { name: string }[]).map(({ name }) => name).sort(), ['pushed', 'tiny']);
    await assert.rejects(
      call('model-remove', { name: 'pushed', version: '1' }),
      (error) => error instanceof RejectedError && error.code === 'MODEL_IN_USE',
    );
    await call('model-follow-twin');
    assert.equal(inUse(), 'tiny 1.0.0');
    assert.deepEqual(await call('model-remove', { name: 'pushed', version: '1' }), { removed: true });
  });

  it('forgets what a method chose when the twin asks for another model', async () => {
    await start(twinOf({ package: 'tiny' }));
    await upload(tinyModel({ batch: 1 }), { name: 'pushed' }, true);
    assert.equal(model().name, 'pushed');
    await writeTinyPackage(join(dir, 'models', 'third'), { overrides: { name: 'third' } });
    await running?.apply(twinOf({ package: 'third' }));
    assert.equal(model().name, 'third');
    assert.equal((await call('model-list')).pinned, null);
  });

  it('refuses a pushed model that does not load, and leaves nothing of it', async () => {
    await start(twinOf({ package: 'tiny' }));
    await assert.rejects(upload(Buffer.from('no model at all'), { name: 'bad' }, true), /cannot load/);
    assert.equal(model().name, 'tiny');
    assert.deepEqual(
      ((await call('model-list')).library as { name: string }[]).map(({ name }) => name),
      ['tiny'],
    );
  });

  it('starts with the last model that worked when the one that is asked for does not', async () => {
    await start(twinOf({ package: 'tiny' }));
    await stop();
    await writeFile(join(dir, 'models', 'tiny', 'model.onnx'), 'broken by a copy that failed');
    await start(twinOf({ package: 'tiny' }));
    assert.equal(model().status, 'running');
    assert.equal((model().refused as { code: unknown }).code, 'MODEL_SHA256_MISMATCH');
    const frame = await putFrame(stores, { patches: [RED] });
    await running?.inputs?.frames?.handle([frame], AbortSignal.timeout(5000));
    while (!(await stores.detections.has(frame.id))) {
      await new Promise(setImmediate);
    }
  });

  it('refuses other bytes under a version that has been in use, also after a restart', async () => {
    await start(twinOf({ package: 'tiny' }));
    const { sha256 } = model();
    await writeTinyPackage(join(dir, 'models', 'tiny'), { batch: 1 });
    await running?.apply(twinOf({ package: 'tiny', scoreThreshold: 0.4 }));
    const refused = model().refused as { code: unknown; expected: unknown };
    assert.deepEqual([refused.code, model().sha256], ['MODEL_VERSION_CONFLICT', sha256]);
    assert.match(String(refused.expected), /a new version in model\.json/);
    await stop();
    await start(twinOf({ package: 'tiny' }));
    assert.deepEqual([inUse(), model().sha256], ['tiny 1.0.0', sha256]);
    await writeTinyPackage(join(dir, 'models', 'tiny'), { batch: 1, overrides: { version: '1.0.1' } });
    await running?.apply(twinOf({ package: 'tiny', scoreThreshold: 0.3 }));
    assert.deepEqual([inUse(), model().refused ?? undefined], ['tiny 1.0.1', undefined]);
  });

  it('takes another description of the same bytes as another version, and goes back to the one before', async () => {
    const bytes = tinyModel();
    server.blobs.set('/model.onnx', bytes);
    const publish = (version: string, labels: string[]) => {
      const description = tinyPackage(bytes, { name: 'yard', version, labels });
      server.blobs.set(`/${version}.json`, Buffer.from(JSON.stringify(description)));
      const descriptionUrl = server.url(`/${version}.json`);
      return twinOf({ url: server.url('/model.onnx'), descriptionUrl, version, sha256: sha256Of(bytes) });
    };
    await start(publish('1', ['red', 'green', 'blue']));
    await running?.apply(publish('2', ['rot', 'green', 'blue']));
    assert.deepEqual([inUse(), (model().labels as string[])[0]], ['yard 2', 'rot']);
    await call('model-rollback');
    assert.deepEqual([inUse(), (model().labels as string[])[0]], ['yard 1', 'red']);
  });

  it('keeps both of two bare models that call themselves the same version', async () => {
    const bring = async (bytes: Uint8Array): Promise<void> => {
      const metadata = { key: 'version', value: '8.3.0' };
      await writeFile(join(dir, 'models', 'best.onnx'), encodeOnnx({ ...parseOnnx(bytes), metadataProps: [metadata] }));
    };
    await bring(tinyModel());
    await start(twinOf({ package: 'best.onnx' }));
    await bring(tinyModel({ batch: 1 }));
    await running?.apply(twinOf({ package: 'best.onnx', scoreThreshold: 0.4 }));
    const versions = ((await call('model-list')).library as { version: string }[]).map(({ version }) => version);
    assert.equal(versions.length, 2);
    assert.ok(versions.includes('8.3.0'));
    assert.match(versions.find((version) => version !== '8.3.0') ?? '', /^8\.3\.0\+[0-9a-f]{12}$/);
  });

  it('does not stop frames while another model is loaded', async () => {
    await start(twinOf({ package: 'tiny' }));
    const bytes = tinyModel({ batch: 1 });
    server.blobs.set('/other.onnx', bytes);
    const { promise: gate, resolve: letIn } = Promise.withResolvers<void>();
    server.gate = gate;
    const applied = running?.apply(twinOf({ url: server.url('/other.onnx'), sha256: sha256Of(bytes) }));
    const frame = await putFrame(stores, { patches: [RED] });
    await running?.inputs?.frames?.handle([frame], AbortSignal.timeout(5000));
    while (!(await stores.detections.has(frame.id))) {
      await new Promise(setImmediate);
    }
    const during = (await stores.detections.readMeta(frame.id)) as { model: { name: string } };
    letIn();
    await applied;
    assert.equal(model().name, 'other');
    assert.equal(during.model.name, 'tiny');
  });

  it('changes the model under load: no frame is lost or inferred twice, and they flow all the while', async () => {
    await writeTinyPackage(join(dir, 'models', 'other'), { batch: 1, overrides: { name: 'other' } });
    await start(twinOf({ package: 'tiny' }));
    const ids = new Set<string>();
    const more = async (): Promise<void> => {
      const frame = await putFrame(stores, { patches: [RED] });
      ids.add(frame.id);
      await running?.inputs?.frames?.handle([frame], AbortSignal.timeout(5000));
      // No more than a few wait: the load is to last as long as the changes do.
      while (ids.size - fake.sent.detections.length > 8) await new Promise(setImmediate);
    };
    for (const name of ['other', 'tiny', 'other']) {
      const before = fake.sent.detections.length;
      let isLoading = true;
      const applied = running?.apply(twinOf({ package: name })).finally(() => {
        isLoading = false;
      });
      while (isLoading) await more();
      await applied;
      assert.equal(model().name, name);
      assert.ok(fake.sent.detections.length > before, 'frames flowed while it was loaded');
      await more();
    }
    while (fake.sent.detections.length < ids.size) await new Promise(setImmediate);
    assert.deepEqual(fake.sent.detections.map(({ frame }) => frame.id).sort(), [...ids].sort());
    const used = new Set(fake.sent.detections.map(({ model: { name } }) => name));
    assert.deepEqual([...used].sort(), ['other', 'tiny']);
  });

  it('survives a damaged state file', async () => {
    await start(twinOf({ package: 'tiny' }));
    await stop();
    const file = join(dir, 'state/models/state.json');
    await writeFile(file, (await readFile(file, 'utf8')).slice(0, 20));
    await start(twinOf({ package: 'tiny' }));
    assert.equal(model().name, 'tiny');
  });

  it('runs the last model that worked while the one that is asked for is still being fetched', async () => {
    await start(twinOf({ package: 'tiny' }));
    await stop();
    const bytes = tinyModel({ batch: 1 });
    server.blobs.set('/slow.onnx', bytes);
    const { promise: gate, resolve: letIn } = Promise.withResolvers<void>();
    server.gate = gate;
    const started = start(twinOf({ url: server.url('/slow.onnx'), sha256: sha256Of(bytes) }));
    while (fake.reported().model === undefined) {
      await new Promise(setImmediate);
    }
    assert.equal(model().name, 'tiny');
    letIn();
    await started;
    assert.equal(model().name, 'slow');
  });
});
