import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ConfigError, type Detection, type ExecutionProvider } from '@edgeveil/contracts';
import {
  checkModelIo,
  type DecodePlan,
  decodeOutputs,
  describeModel,
  fillTensor,
  fixedBatchOf,
  type ModelIo,
  type ModelPackage,
  type Outputs,
  planDecode,
  planLetterbox,
} from '@edgeveil/vision';
import { type RuntimeSession, runtime, Tensor } from './onnx-runtime.ts';
import { proveProvider } from './prove-provider.ts';
import { providerOptions } from './provider-options.ts';
import { type ModelBytes, readModel } from './read-model.ts';
import type { PlacedPicture, ProviderProof, RunResult, SessionInfo, SessionSpec } from './session-protocol.ts';
import { tryProviders } from './try-providers.ts';
import { unloadable } from './unloadable.ts';

interface Parts {
  readonly session: RuntimeSession;
  readonly plan: DecodePlan;
  readonly fixedBatch: number | undefined;
  readonly proof: ProviderProof | undefined;
}

/** One model on one execution provider. `run` blocks its thread: use it in a worker only. */
export class ModelSession {
  readonly info: SessionInfo;
  readonly #parts: Parts;
  /** Values of the largest batch; each run uses its beginning. */
  readonly #values: Float32Array;

  private constructor(info: SessionInfo, parts: Parts, maxBatch: number) {
    this.info = info;
    this.#parts = parts;
    this.#values = new Float32Array((parts.fixedBatch ?? maxBatch) * valuesPerPicture(info.model));
  }

  /**
   * Reads, checks, loads and runs the model once on an empty picture, so that a model that cannot work is known before
   * the first frame. On a GPU it is run beside the CPU and must give the same. ConfigError MODEL_… with `expected` and
   * `found`, GPU_REQUIRED, PROVIDER_UNAVAILABLE.
   */
  static async open(spec: SessionSpec): Promise<ModelSession> {
    const startedAt = performance.now();
    const model = await readModel(spec.modelFile, spec.expectedHashes);
    const { opened, report } = await tryProviders(
      spec.providers,
      spec.requireGpu,
      (provider) => openOn(provider, model, spec),
      (parts) => parts.session.release(),
    );
    const info = {
      model: opened.plan.model,
      provider: { ...report, device: deviceOf(report.used, spec), proof: opened.proof },
      fixedBatch: opened.fixedBatch,
      threads: spec.threads,
      loadMs: performance.now() - startedAt,
    };
    return new ModelSession(info, opened, spec.maxBatch);
  }

  /** Detections of each picture. A graph with a fixed batch runs as often as it must, the last time with empty places. */
  async run(pictures: readonly PlacedPicture[]): Promise<RunResult> {
    const size = this.#parts.fixedBatch ?? Math.max(1, this.#values.length / valuesPerPicture(this.info.model));
    const detections: Detection[][] = [];
    const timings = { fillMs: 0, runMs: 0, decodeMs: 0 };
    for (let start = 0; start < pictures.length; start += size) {
      const chunk = pictures.slice(start, start + size);
      const startedAt = performance.now();
      const values = this.#fill(chunk);
      const filledAt = performance.now();
      const batch = this.#parts.fixedBatch ?? chunk.length;
      const outputs = await runOnce(this.#parts.session, this.info.model, values, batch);
      const ranAt = performance.now();
      const plans = chunk.map(({ plan }) => plan);
      detections.push(...decodeOutputs(outputs, this.#parts.plan, plans, batch));
      timings.fillMs += filledAt - startedAt;
      timings.runMs += ranAt - filledAt;
      timings.decodeMs += performance.now() - ranAt;
    }
    return { detections, timings };
  }

  async close(): Promise<void> {
    await this.#parts.session.release();
  }

  #fill(pictures: readonly PlacedPicture[]): Float32Array {
    const { model } = this.info;
    const each = valuesPerPicture(model);
    pictures.forEach((picture, index) => {
      const pixels = {
        data: new Uint8Array(picture.memory, 0, picture.width * picture.height * 3),
        width: picture.width,
        height: picture.height,
      };
      fillTensor(this.#values.subarray(index * each, (index + 1) * each), pixels, picture.plan, model.input);
    });
    return this.#values.subarray(0, (this.#parts.fixedBatch ?? pictures.length) * each);
  }
}

async function openOn(provider: ExecutionProvider, file: ModelBytes, spec: SessionSpec): Promise<Parts> {
  const isGpu = provider !== 'cpu';
  if (isGpu && spec.noGpu !== undefined) {
    throw new ConfigError('PROVIDER_NO_GPU', `${provider}: ${spec.noGpu}`, {
      details: { expected: 'a GPU in the container', found: spec.noGpu },
    });
  }
  const session = await createSession(provider, file, spec, isGpu);
  try {
    const io: ModelIo = { inputs: session.inputMetadata, outputs: session.outputMetadata };
    const model = spec.description ?? describeModel(io, { fileName: spec.modelFile, sha256: file.sha256 });
    checkModelIo(model, io);
    const plan = planDecode(model, { score: spec.scoreThreshold, perLabel: spec.labelThresholds });
    const fixedBatch = fixedBatchOf(io);
    await tryOut(session, plan, fixedBatch ?? 1);
    const proof = isGpu ? await prove(provider, session, file, spec, { model, batch: fixedBatch ?? 1 }) : undefined;
    return { session, plan, fixedBatch, proof };
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** Runs the model on the CPU too, on a picture of noise: an empty one hides much of what can be wrong. */
async function prove(
  provider: ExecutionProvider,
  session: RuntimeSession,
  file: ModelBytes,
  spec: SessionSpec,
  { model, batch }: { readonly model: ModelPackage; readonly batch: number },
): Promise<ProviderProof> {
  const reference = await createSession('cpu', file, spec, false);
  try {
    const values = noise(batch * valuesPerPicture(model), model);
    return await proveProvider({
      provider,
      tolerance: spec.proofTolerance,
      candidate: { run: () => runOnce(session, model, values, batch) },
      reference: { run: () => runOnce(reference, model, values, batch) },
      placement: () => session.placement(),
    });
  } finally {
    await reference.release();
  }
}

async function createSession(
  provider: ExecutionProvider,
  file: ModelBytes,
  spec: SessionSpec,
  isRecorded: boolean,
): Promise<RuntimeSession> {
  const isKept = isRecorded && spec.scratchDir !== undefined;
  const profileFilePrefix = isKept ? join(spec.scratchDir, `placement-${process.pid}-${randomUUID()}`) : undefined;
  try {
    return await runtime().create(file.bytes, providerOptions(provider, { ...spec, profileFilePrefix }));
  } catch (cause) {
    throw unloadable(spec.modelFile, cause);
  }
}

async function tryOut(session: RuntimeSession, plan: DecodePlan, batch: number): Promise<void> {
  const { model } = plan;
  const values = new Float32Array(batch * valuesPerPicture(model));
  let outputs: Outputs;
  try {
    outputs = await runOnce(session, model, values, batch);
  } catch (cause) {
    throw unloadable(model.name, cause);
  }
  decodeOutputs(outputs, plan, [planLetterbox(model.input, model.input)], batch);
}

async function runOnce(
  session: RuntimeSession,
  { input }: ModelPackage,
  values: Float32Array,
  batch: number,
): Promise<Outputs> {
  const dims = input.layout === 'nchw' ? [3, input.height, input.width] : [input.height, input.width, 3];
  return session.run({ [input.name]: new Tensor('float32', values, [batch, ...dims]) });
}

function valuesPerPicture({ input }: ModelPackage): number {
  return 3 * input.width * input.height;
}

function deviceOf(provider: ExecutionProvider, { device }: SessionSpec): number | undefined {
  return provider === 'cuda' || provider === 'tensorrt' ? device : undefined;
}

/** Values that a picture of random pixels would give, the same at each call. */
function noise(count: number, { input }: ModelPackage): Float32Array {
  const values = new Float32Array(count);
  let state = 1;
  for (let index = 0; index < count; index += 1) {
    // Numerical Recipes' linear congruential generator; its upper byte is the pixel.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    values[index] = ((state >>> 24) * input.scale - input.mean[0]) / input.std[0];
  }
  return values;
}
