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
import { InferenceSession, Tensor } from './onnx-runtime.ts';
import { type ModelBytes, readModel } from './read-model.ts';
import type { PlacedPicture, RunResult, SessionInfo, SessionSpec } from './session-protocol.ts';
import { tryProviders } from './try-providers.ts';

interface Parts {
  readonly session: InferenceSession;
  readonly plan: DecodePlan;
  readonly fixedBatch: number | undefined;
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
   * the first frame. ConfigError MODEL_… with `expected` and `found`, GPU_REQUIRED, PROVIDER_UNAVAILABLE.
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
      provider: report,
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
  const session = await createSession(provider, file, spec);
  try {
    const io: ModelIo = { inputs: session.inputMetadata, outputs: session.outputMetadata };
    const model = spec.description ?? describeModel(io, { fileName: spec.modelFile, sha256: file.sha256 });
    checkModelIo(model, io);
    const plan = planDecode(model, { score: spec.scoreThreshold, perLabel: spec.labelThresholds });
    const fixedBatch = fixedBatchOf(io);
    await tryOut(session, plan, fixedBatch ?? 1);
    return { session, plan, fixedBatch };
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function createSession(
  provider: ExecutionProvider,
  file: ModelBytes,
  spec: SessionSpec,
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(file.bytes, {
      executionProviders: [provider],
      intraOpNumThreads: spec.threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 4,
      // Threads that wait for work by spinning take the cores that decode the next picture and run the other modules.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (cause) {
    throw unloadable(spec.modelFile, cause);
  }
}

async function tryOut(session: InferenceSession, plan: DecodePlan, batch: number): Promise<void> {
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
  session: InferenceSession,
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

function unloadable(what: string, cause: unknown): ConfigError {
  const found = (cause instanceof Error ? cause.message : String(cause)).slice(0, 500);
  return new ConfigError('MODEL_UNLOADABLE', `${what}: the runtime cannot load or run the model: ${found}`, {
    cause,
    details: { file: what, expected: 'an ONNX model that onnxruntime can load and run', found },
  });
}
