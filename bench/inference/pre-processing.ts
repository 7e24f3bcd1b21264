import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { planLetterbox } from '@edgeveil/vision';
import { placedBytes } from '../../modules/inference/src/place-pixels.ts';
import { ModelSession } from '../../modules/inference/src/session/model-session.ts';
import type { RunTimings, SessionSpec } from '../../modules/inference/src/session/session-protocol.ts';
import { testDataDir } from '../../test/test-data.ts';

// What it costs to make a model's numbers out of pixels, before the run or inside it, and boxes out of its outputs.
// `node bench/inference/pre-processing.ts [ROUNDS]`. The fastest of all rounds counts: other work on the machine only adds.
const rounds = Number(process.argv[2] ?? 60);
/** The last two are YOLOX-nano with decoding and top-k, or non-maximum suppression, in its graph. */
const models = ['yunet_n_640', 'yolox_nano', 'mobilenet_v2', 'derived_yolox_nano_e2e', 'derived_yolox_nano_cvs1'];

async function open(modelFile: string, by: 'fill' | 'graph', first?: ModelSession): Promise<ModelSession> {
  const spec: SessionSpec = {
    modelFile,
    description: first?.info.model,
    expectedHashes: [],
    providers: ['cpu'],
    requireGpu: false,
    device: 0,
    noGpu: undefined,
    proofTolerance: 0.02,
    scratchDir: undefined,
    tensorRt: { engineCacheDir: undefined, fp16: false },
    threads: 1,
    pictureInput: { by },
    maxBatch: 1,
    scoreThreshold: undefined,
    labelThresholds: undefined,
  };
  return ModelSession.open(spec);
}

console.log('| model | pixels become numbers | before the run, ms | run, ms | outputs to boxes, ms | together, ms |');
console.log('|---|---|---:|---:|---:|---:|');
for (const name of models) {
  const file = join(testDataDir, 'models', `${name}.onnx`);
  if (!existsSync(file)) {
    console.log(`| ${name} | skipped: not in EDGEVEIL_TEST_DATA | | | | |`);
    continue;
  }
  const filled = await open(file, 'fill');
  const sessions = [filled, await open(file, 'graph', filled)];
  const best = new Map<ModelSession, RunTimings>();
  for (let round = 0; round < rounds; round += 1) {
    for (const session of sessions) {
      const { input } = session.info.model;
      const memory = new SharedArrayBuffer(placedBytes(input));
      new Uint8Array(memory).forEach((_, index, bytes) => {
        bytes[index] = (index * 7919) >>> 3;
      });
      const { timings } = await session.run([{ memory, plan: planLetterbox(input, input) }]);
      const known = best.get(session);
      if (known === undefined || together(timings) < together(known)) {
        best.set(session, timings);
      }
    }
  }
  for (const session of sessions) {
    const timings = best.get(session);
    if (timings !== undefined) {
      const { fillMs, runMs, decodeMs } = timings;
      const cells = [fillMs, runMs, decodeMs, together(timings)].map((ms) => ms.toFixed(2));
      const by = session.info.pictureInput.by === 'fill' ? 'one by one' : 'in the graph';
      console.log(`| ${name} | ${by} | ${cells.join(' | ')} |`);
    }
    await session.close();
  }
}

function together({ fillMs, runMs, decodeMs }: RunTimings): number {
  return fillMs + runMs + decodeMs;
}
