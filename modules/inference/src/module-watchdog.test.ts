import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type InferenceTwin, inferenceTwinSchema, TransientError } from '@edgeveil/contracts';
import { createFakeContext, type FakeContext } from '@edgeveil/module-kit/testing';
import { type ModuleModels, openModuleModels } from './module-models.ts';
import { GPUS } from './testing/gpus.ts';
import { pngWith } from './testing/test-pictures.ts';
import { writeTinyPackage } from './testing/tiny-model.ts';

const GPU_WORKER = new URL('./testing/gpu-worker.ts', import.meta.url);

describe('watchdog of the inference module', function () {
  this.timeout(60_000);
  let dir: string;
  let fake: FakeContext<InferenceTwin>;
  let models: ModuleModels;

  const start = async (rest: object): Promise<void> => {
    const twin = inferenceTwinSchema.parse({
      model: { package: 'tiny' },
      executionProviders: ['cuda', 'cpu'],
      threads: 1,
      ...rest,
    });
    fake = createFakeContext({ twin, stateDir: join(dir, 'state'), environment: { PATH: process.env.PATH } });
    const config = {
      framesDir: '',
      keyFile: '',
      modelsDir: join(dir, 'models'),
      hostRoot: join(dir, 'host'),
    };
    models = await openModuleModels(fake.context, config, () => undefined, { workerFile: GPU_WORKER });
    await models.start();
  };
  const provider = () =>
    (fake.reported().model as { provider: { used: string; asked: string[]; failures: { reason: string }[] } }).provider;
  /** One run, as a batch does it. */
  const runOnce = () =>
    models.slot.run(async (detector) => detector.run([await detector.prepare({ bytes: await pngWith(64, 64, []) })]));

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-module-watchdog-'));
    await mkdir(join(dir, 'state'));
    await writeTinyPackage(join(dir, 'models/tiny'));
    // A host with a GPU, as far as can be seen from its device nodes.
    await mkdir(join(dir, 'host/dev'), { recursive: true });
    await writeFile(join(dir, 'host/dev/nvidia0'), '');
  });
  afterEach(async () => {
    fake.stop();
    await models.slot.close();
    await rm(dir, { recursive: true });
  });

  it('reports what was asked for, what runs, on which device, and the proof', async () => {
    await start({ devices: [GPUS.honest] });
    const { used, asked, ...rest } = provider() as Record<string, unknown> & ReturnType<typeof provider>;
    assert.deepEqual([used, asked], ['cuda', ['cuda', 'cpu']]);
    assert.equal((rest.host as { kind: string }).kind, 'nvidia');
    assert.equal((rest.devices as { index: number }[])[0]?.index, GPUS.honest);
    assert.equal((rest.proof as { maxError: number }).maxError, 0);
    assert.deepEqual(
      fake.sent.events.map(({ code }) => code).filter((code) => code !== 'PROVIDER_SLOW'),
      [],
    );
  });

  it('goes on with the next provider when a GPU hangs, and raises an alert', async () => {
    await start({ devices: [GPUS.hangs], watchdog: { runTimeoutSeconds: 1, maxRestarts: 0 } });
    assert.equal(provider().used, 'cuda');
    await assert.rejects(runOnce(), (error) => error instanceof TransientError && error.code === 'INFERENCE_RUN_HUNG');
    while (provider().used !== 'cpu') {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.deepEqual(provider().asked, ['cuda', 'cpu']);
    assert.match(provider().failures[0]?.reason ?? '', /1 workers lost within 600 s: a run has not ended after 1 s/);
    assert.ok(fake.sent.events.some(({ code }) => code === 'PROVIDER_FALLBACK'));
    assert.deepEqual((await runOnce())?.detections, [[]]);
    assert.deepEqual(fake.crashes, []);
  });

  it('ends the module when a GPU hangs and it is to fail', async () => {
    await start({ devices: [GPUS.hangs], watchdog: { runTimeoutSeconds: 1, maxRestarts: 0, afterwards: 'fail' } });
    await assert.rejects(runOnce());
    const [crash] = fake.crashes;
    assert.ok(crash instanceof TransientError);
    assert.equal(crash.code, 'INFERENCE_EXHAUSTED');
  });

  it('ends the module when a GPU hangs and no other provider is listed', async () => {
    const watchdog = { runTimeoutSeconds: 1, maxRestarts: 0 };
    await start({ executionProviders: ['cuda', 'cpu'], devices: [GPUS.hangs], watchdog });
    await models.select(
      inferenceTwinSchema.parse({
        model: { package: 'tiny' },
        executionProviders: ['cuda'],
        devices: [GPUS.hangs],
        threads: 1,
        watchdog,
      }),
    );
    assert.equal(models.slot.detector?.provider.used, 'cuda');
    await assert.rejects(runOnce());
    while (fake.crashes.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.ok(fake.crashes[0] instanceof TransientError);
  });
});
