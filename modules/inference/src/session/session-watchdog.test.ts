import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, TransientError } from '@edgeveil/contracts';
import { Detector } from '../detector.ts';
import { pngWith } from '../testing/test-pictures.ts';
import { writeTinyPackage } from '../testing/tiny-model.ts';
import type { Exhaustion } from './session-keeper.ts';

const HANGING_WORKER = new URL('../testing/hanging-worker.ts', import.meta.url);
const WHITE = { colour: [255, 255, 255], box: [0, 0, 64, 64] } as const;
/** Long enough for a busy machine, short enough to wait for. */
const RUN_MS = 1500;
const deadlines = { openMs: 60_000, runMs: RUN_MS };

const isHung = (error: unknown): boolean => error instanceof TransientError && error.code === 'INFERENCE_RUN_HUNG';

describe('session watchdog', function () {
  this.timeout(60_000);
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-watchdog-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('replaces a worker that is blocked, and goes on', async () => {
    const model = await writeTinyPackage(dir);
    const marker = join(dir, 'model.onnx.hang');
    await using detector = await Detector.open({ model, workerFile: HANGING_WORKER, deadlines });
    const bytes = await pngWith(64, 64, [WHITE]);
    await writeFile(marker, '');
    // Several batches in hand: the one that hangs is told so, those behind it that their worker is gone.
    const runs = await Promise.allSettled([1, 2, 3].map(() => detector.detect([{ bytes }])));
    assert.deepEqual(runs.map((run) => (run.status === 'rejected' ? run.reason.code : run.status)).sort(), [
      'INFERENCE_RUN_HUNG',
      'INFERENCE_WORKER_LOST',
      'INFERENCE_WORKER_LOST',
    ]);
    await rm(marker);
    assert.ok(((await detector.detect([{ bytes }]))[0]?.length ?? 0) > 0);
  });

  it('leaves a thread behind that is stuck inside the runtime, and goes on beside it', async () => {
    // Some seconds in a loop of the graph: no thread can be ended while it is in native code. The load runs it several times too.
    const model = await writeTinyPackage(dir, { slowRounds: 4_000_000 });
    const told: Exhaustion[] = [];
    const options = { model, deadlines, budget: { maxRestarts: 0, windowMs: 60_000 } };
    await using detector = await Detector.open({ ...options, onExhausted: (exhaustion) => void told.push(exhaustion) });
    await assert.rejects(detector.detect([{ bytes: await pngWith(64, 64, [WHITE]) }]), isHung);
    assert.deepEqual((await detector.detect([{ bytes: await pngWith(64, 64, []) }]))[0], []);
    assert.deepEqual(
      told.map(({ losses, leftBehind }) => [losses, leftBehind]),
      [[1, 1]],
    );
  });

  it('says when workers are lost more often than the budget allows', async () => {
    const model = await writeTinyPackage(dir);
    const told: number[] = [];
    await using detector = await Detector.open({
      model,
      workerFile: HANGING_WORKER,
      deadlines,
      budget: { maxRestarts: 1, windowMs: 600_000 },
      onExhausted: ({ losses }) => void told.push(losses),
    });
    const bytes = await pngWith(64, 64, []);
    for (const round of [1, 2]) {
      await writeFile(join(dir, 'model.onnx.hang'), '');
      await assert.rejects(detector.detect([{ bytes }]), isHung, `round ${round}`);
      await rm(join(dir, 'model.onnx.hang'));
      await detector.detect([{ bytes }]);
    }
    assert.deepEqual(told, [2]);
  });

  it('refuses a model that does not load in time', async () => {
    const model = await writeTinyPackage(dir);
    await writeFile(join(dir, 'model.onnx.hang'), '');
    await assert.rejects(
      Detector.open({ model, workerFile: HANGING_WORKER, deadlines: { openMs: 1000, runMs: 1000 } }),
      (error) => error instanceof ConfigError && error.code === 'MODEL_LOAD_TIMEOUT',
    );
  });
});
