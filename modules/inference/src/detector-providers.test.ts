import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, TransientError } from '@edgeveil/contracts';
import { Detector, type DetectorOptions } from './detector.ts';
import { GPUS } from './testing/gpus.ts';
import { pngWith } from './testing/test-pictures.ts';
import { writeTinyPackage } from './testing/tiny-model.ts';

const GPU_WORKER = new URL('./testing/gpu-worker.ts', import.meta.url);
const RED = { colour: [255, 0, 0], box: [8, 16, 8, 8] } as const;

describe('Detector on execution providers', () => {
  let dir: string;
  let model: string;
  const open = (options: Partial<DetectorOptions>): Promise<Detector> =>
    Detector.open({ model, providers: ['cuda', 'cpu'], workerFile: GPU_WORKER, scratchDir: dir, ...options });
  const findRed = async (detector: Detector): Promise<void> => {
    const [found] = await detector.detect([{ bytes: await pngWith(64, 64, [RED]) }]);
    assert.deepEqual(
      found?.map(({ label }) => label),
      ['red'],
    );
  };
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-providers-'));
    model = await writeTinyPackage(join(dir, 'tiny'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('proves that the GPU gives what the CPU gives, and says where the nodes ran', async () => {
    await using detector = await open({ devices: [GPUS.honest], requireGpu: true });
    const { used, device, proof, failures } = detector.provider;
    assert.deepEqual([used, device, failures], ['cuda', GPUS.honest, []]);
    assert.equal(proof?.maxError, 0);
    assert.ok(proof.cpuMs > 0 && proof.providerMs > 0 && proof.speedup > 0);
    assert.ok(Math.abs((proof.nodesOnProvider ?? 0) - 6 / 7) < 1e-9);
    await findRed(detector);
  });

  it('falls back, and says why, from a GPU that throws, lies or does nothing', async () => {
    for (const [gpu, reason] of [
      [GPUS.throwsAtLoad, /Failed to load shared library/],
      [GPUS.throwsAtRun, /CUDA failure 999/],
      [GPUS.wrongNumbers, /outputs are not those of the CPU: off by 0\.\d+ of the largest value, output0: /],
      [GPUS.notNumbers, /outputs are not those of the CPU: off by Infinity/],
      [GPUS.silent, /none of the model's nodes ran on it, but CPUExecutionProvider 7/],
    ] as const) {
      await using detector = await open({ devices: [gpu] });
      const { used, proof, failures } = detector.provider;
      assert.deepEqual([used, proof, failures.length], ['cpu', undefined, 1], `GPU ${gpu}`);
      assert.match(failures[0]?.reason ?? '', reason);
      await findRed(detector);
    }
  });

  it('tries a provider once that is named twice', async () => {
    await using detector = await open({ providers: ['cuda', 'cuda', 'cpu', 'cpu'], devices: [GPUS.throwsAtLoad] });
    assert.deepEqual([detector.provider.asked, detector.provider.failures.length], [['cuda', 'cpu'], 1]);
  });

  it('refuses the CPU where a GPU is required', async () => {
    for (const gpu of [GPUS.throwsAtLoad, GPUS.wrongNumbers, GPUS.silent]) {
      await assert.rejects(
        open({ devices: [gpu], requireGpu: true }),
        (error) => error instanceof ConfigError && error.code === 'GPU_REQUIRED',
      );
    }
  });

  it('takes differences that are within the tolerance', async () => {
    await using detector = await open({ devices: [GPUS.wrongNumbers], proofTolerance: 0.2 });
    assert.equal(detector.provider.used, 'cuda');
  });

  it('does not take software for a GPU', async () => {
    await assert.rejects(
      open({ devices: [GPUS.honest], requireGpu: true, noGpu: 'no GPU in reach' }),
      (error) => error instanceof ConfigError && error.code === 'GPU_REQUIRED' && /no GPU in reach/.test(error.message),
    );
  });

  it('runs on two GPUs, batches on the one that has less to do', async () => {
    const deadlines = { openMs: 60_000, runMs: 3000 };
    await using detector = await open({ devices: [GPUS.hangs, GPUS.honest], deadlines });
    assert.deepEqual(
      detector.providers.map(({ device }) => device),
      [GPUS.hangs, GPUS.honest],
    );
    const picture = await detector.prepare({ bytes: await pngWith(64, 64, [RED]) });
    const stuck = assert.rejects(
      detector.run([picture]),
      (error) => error instanceof TransientError && error.code === 'INFERENCE_RUN_HUNG',
    );
    for (let count = 0; count < 3; count += 1) {
      await findRed(detector);
    }
    await stuck;
  });

  it('goes on with one GPU when the other does not work, and says so', async () => {
    await using detector = await open({ devices: [GPUS.honest, GPUS.throwsAtLoad] });
    assert.equal(detector.sessions, 1);
    assert.match(detector.provider.failures[0]?.reason ?? '', /GPU 1: .*Failed to load shared library/);
  });
});

describe('Detector on WebGPU', () => {
  // Chromium brings a Vulkan driver in software: slow, but all of the way to the shaders is the real one.
  const driver = '/usr/lib/chromium/vk_swiftshader_icd.json';

  it('is proven on a real WebGPU device', async function () {
    if (!existsSync(driver)) {
      console.log(`      skipped: no Vulkan driver in software at ${driver}`);
      this.skip();
    }
    this.timeout(120_000);
    const dir = await mkdtemp(join(tmpdir(), 'edgeveil-webgpu-'));
    const scratchDir = join(dir, 'scratch');
    mkdirSync(scratchDir);
    const before = process.env.VK_ICD_FILENAMES;
    process.env.VK_ICD_FILENAMES = driver;
    try {
      const model = await writeTinyPackage(join(dir, 'tiny'));
      await using detector = await Detector.open({ model, providers: ['webgpu', 'cpu'], scratchDir });
      const { used, failures, proof } = detector.provider;
      assert.deepEqual([used, failures], ['webgpu', []]);
      assert.ok((proof?.maxError ?? 1) < 0.001);
      assert.ok((proof?.nodesOnProvider ?? 0) > 0, 'nodes ran on WebGPU');
      assert.deepEqual(readdirSync(scratchDir), [], 'nothing is left behind');
      const [found] = await detector.detect([{ bytes: await pngWith(64, 64, [RED]) }]);
      assert.equal(found?.[0]?.label, 'red');
    } finally {
      if (before === undefined) delete process.env.VK_ICD_FILENAMES;
      else process.env.VK_ICD_FILENAMES = before;
      await rm(dir, { recursive: true });
    }
  });
});
