import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, inferenceTwinSchema, TransientError } from '@edgeveil/contracts';
import { Detector } from './detector.ts';
import { readModelPackage } from './locate-model.ts';
import { ModelSlot } from './model-slot.ts';
import { writeTinyPackage } from './testing/tiny-model.ts';

describe('ModelSlot', () => {
  let dir: string;
  let told: string[];
  let slot: ModelSlot;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-slot-'));
    told = [];
    slot = new ModelSlot(inferenceTwinSchema.parse({}), {
      open: async () => Detector.open({ model: await readModelPackage(join(dir, 'model')) }),
      onChange: ({ detector, failure }) => void told.push(failure?.code ?? detector?.identity.name ?? ''),
    });
  });
  afterEach(async () => {
    await slot.close();
    await rm(dir, { recursive: true });
  });

  it('tells the same failure once, however often it tries', async () => {
    await slot.reload();
    await slot.retry();
    await slot.retry();
    assert.deepEqual(told, ['MODEL_NOT_FOUND']);
    assert.equal(slot.detector, undefined);
  });

  it('takes a package into use that has been put right in the meantime', async () => {
    await slot.reload();
    await writeTinyPackage(join(dir, 'model'));
    await slot.retry();
    assert.deepEqual(told, ['MODEL_NOT_FOUND', slot.detector?.identity.name]);
  });

  it('leaves a model alone that works', async () => {
    await writeTinyPackage(join(dir, 'model'));
    await slot.reload();
    const { detector } = slot;
    await slot.retry();
    assert.equal(slot.detector, detector);
    assert.equal(told.length, 1);
  });

  it('keeps the model in use when another does not load, and takes that when it does', async () => {
    await writeTinyPackage(join(dir, 'model'));
    await slot.reload();
    const { detector } = slot;
    await writeFile(join(dir, 'model', 'model.onnx'), 'half a copy');
    await slot.reload();
    assert.equal(slot.detector, detector);
    assert.equal(slot.failure?.code, 'MODEL_SHA256_MISMATCH');
    await writeTinyPackage(join(dir, 'model'), { overrides: { name: 'better' } });
    await slot.retry();
    assert.equal(slot.detector?.identity.name, 'better');
    assert.equal(slot.failure, undefined);
  });

  it('takes a model out of use that turns out not to work, and the last good one in its place', async () => {
    await writeTinyPackage(join(dir, 'model'), { overrides: { name: 'new' } });
    await writeTinyPackage(join(dir, 'good'), { batch: 1, overrides: { name: 'good' } });
    const asked: (string | undefined)[] = [];
    await using own = closing(
      new ModelSlot(inferenceTwinSchema.parse({}), {
        open: async () => Detector.open({ model: await readModelPackage(join(dir, 'model')) }),
        openLastGood: async (_, except) => {
          asked.push(except);
          return Detector.open({ model: await readModelPackage(join(dir, 'good')) });
        },
        onChange: ({ detector, failure }) => void told.push(`${detector?.identity.name} ${failure?.code}`),
      }),
    );
    await own.slot.reload();
    const sha256 = own.slot.detector?.identity.sha256;
    const result = await own.slot.run(async () => {
      throw new ConfigError('MODEL_OUTPUT_SHAPE', 'outputs of another shape');
    });
    assert.equal(result, undefined);
    await own.slot.reload().catch(() => undefined);
    assert.deepEqual(asked, [sha256]);
    assert.deepEqual(told.slice(0, 3), ['new undefined', 'undefined MODEL_OUTPUT_SHAPE', 'good MODEL_OUTPUT_SHAPE']);
  });

  it('ends a load that takes long when another model is asked for', async () => {
    await writeTinyPackage(join(dir, 'model'));
    const twinOf = (folder: string) => inferenceTwinSchema.parse({ model: { package: folder } });
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    await using own = closing(
      new ModelSlot(twinOf('endless'), {
        open: async ({ twin, instead }, superseded) => {
          if (instead !== undefined) throw new ConfigError('MODEL_NOT_FOUND', instead.name);
          if (twin.model.package === 'endless') {
            begin();
            await new Promise<void>((resolve) => superseded.addEventListener('abort', () => resolve()));
            throw new TransientError('MODEL_DOWNLOAD_FAILED', 'given up');
          }
          return Detector.open({ model: await readModelPackage(join(dir, 'model')) });
        },
        onChange: ({ detector, failure }) => void told.push(failure?.code ?? detector?.identity.name ?? ''),
      }),
    );
    const endless = own.slot.reload();
    await begun;
    // A model by name that is not there: what the twin asked for before is taken up again.
    const used = own.slot.use({ name: 'gone', version: '1', sha256: '0'.repeat(64) });
    assert.equal((await used)?.code, 'MODEL_NOT_FOUND');
    await own.slot.select(twinOf('good'));
    await endless;
    assert.deepEqual([told, own.slot.failure], [['tiny'], undefined]);
  });

  it('goes on without a provider that is given up, as long as another is left', async () => {
    const wanted: string[][] = [];
    await writeTinyPackage(join(dir, 'model'));
    const twin = inferenceTwinSchema.parse({ executionProviders: ['cuda', 'webgpu', 'cpu'] });
    await using own = closing(
      new ModelSlot(twin, {
        open: async ({ givenUp }) => {
          wanted.push(givenUp.map(({ provider }) => provider));
          return Detector.open({ model: await readModelPackage(join(dir, 'model')) });
        },
        onChange: () => undefined,
      }),
    );
    await own.slot.reload();
    assert.equal(await own.slot.giveUp({ provider: 'cuda', reason: 'hangs' }), true);
    assert.equal(await own.slot.giveUp({ provider: 'webgpu', reason: 'hangs' }), true);
    assert.equal(await own.slot.giveUp({ provider: 'cpu', reason: 'hangs' }), false);
    assert.deepEqual(wanted, [[], ['cuda'], ['cuda', 'webgpu']]);
    // Another model may do better on them.
    await own.slot.select({ ...twin, maxBatch: 1 });
    assert.deepEqual(wanted.at(-1), []);
  });
});

function closing(slot: ModelSlot): { readonly slot: ModelSlot } & AsyncDisposable {
  return { slot, [Symbol.asyncDispose]: () => slot.close() };
}
