import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ConfigError, type Detection, type ExecutionProvider } from '@edgeveil/contracts';
import {
  checkLabels,
  checkModelInput,
  type DecodePlan,
  decodeOutputs,
  embedOutputs,
  fillTensor,
  fixedBatchOf,
  type ModelIo,
  type ModelPackage,
  type Outputs,
  planDecode,
  planLetterbox,
  type TensorValues,
} from '@edgeveil/vision';
import { describeBareModel } from './describe-bare-model.ts';
import { type ModelPorts, modelPorts, runModel, valuesFor, valuesPerPicture } from './model-ports.ts';
import { type RuntimeSession, runtime } from './onnx-runtime.ts';
import { proveProvider } from './prove-provider.ts';
import { providerOptions } from './provider-options.ts';
import { type ModelBytes, readModel } from './read-model.ts';
import type { PlacedPicture, ProviderProof, RunResult, SessionInfo, SessionSpec } from './session-protocol.ts';
import { tryProviders } from './try-providers.ts';
import { unloadable } from './unloadable.ts';

interface Parts {
  readonly session: RuntimeSession;
  readonly plan: DecodePlan;
  readonly ports: ModelPorts;
  readonly fixedBatch: number | undefined;
  readonly proof: ProviderProof | undefined;
}

/** One model on one execution provider. `run` blocks its thread: use it in a worker only. */
export class ModelSession {
  readonly info: SessionInfo;
  readonly #parts: Parts;
  /** Values of the largest batch; each run uses its beginning. */
  readonly #values: TensorValues;

  private constructor(info: SessionInfo, parts: Parts, maxBatch: number) {
    this.info = info;
    this.#parts = parts;
    this.#values = valuesFor(info.model.input, parts.fixedBatch ?? maxBatch);
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
    const size = this.#parts.fixedBatch ?? Math.max(1, this.#values.length / valuesPerPicture(this.info.model.input));
    const detections: Detection[][] = [];
    const embeddings: Float32Array[] = [];
    const timings = { fillMs: 0, runMs: 0, decodeMs: 0 };
    for (let start = 0; start < pictures.length; start += size) {
      const chunk = pictures.slice(start, start + size);
      const startedAt = performance.now();
      const values = this.#fill(chunk);
      const filledAt = performance.now();
      const batch = this.#parts.fixedBatch ?? chunk.length;
      const outputs = await runModel(this.#parts.session, this.#parts.ports, values, batch);
      const ranAt = performance.now();
      const plans = chunk.map(({ plan }) => plan);
      detections.push(...decodeOutputs(outputs, this.#parts.plan, plans, batch));
      embeddings.push(...(embedOutputs(outputs, this.#parts.plan, { pictures: chunk.length, batch }) ?? []));
      timings.fillMs += filledAt - startedAt;
      timings.runMs += ranAt - filledAt;
      timings.decodeMs += performance.now() - ranAt;
    }
    return { detections, embeddings, timings };
  }

  async close(): Promise<void> {
    await this.#parts.session.release();
  }

  #fill(pictures: readonly PlacedPicture[]): TensorValues {
    const { model } = this.info;
    const each = valuesPerPicture(model.input);
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
    const { modelFile, known } = spec;
    const model = spec.description ?? (await describeBareModel({ session, modelFile, file, known })).model;
    checkModelInput(model, io);
    const plan = planDecode(model, { score: spec.scoreThreshold, perLabel: spec.labelThresholds });
    const fixedBatch = fixedBatchOf(io, model);
    const ports = modelPorts(io, model.input);
    const sample = await tryOut(session, plan, ports, fixedBatch ?? 1);
    checkLabels(model, { ...io, sample });
    const proof = isGpu ? await prove(provider, session, file, spec, { ports, batch: fixedBatch ?? 1 }) : undefined;
    return { session, plan, ports, fixedBatch, proof };
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
  { ports, batch }: { readonly ports: ModelPorts; readonly batch: number },
): Promise<ProviderProof> {
  const reference = await createSession('cpu', file, spec, false);
  try {
    const values = noise(batch, ports.input);
    return await proveProvider({
      provider,
      tolerance: spec.proofTolerance,
      candidate: { run: () => runModel(session, ports, values, batch) },
      reference: { run: () => runModel(reference, ports, values, batch) },
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

async function tryOut(session: RuntimeSession, plan: DecodePlan, ports: ModelPorts, batch: number): Promise<Outputs> {
  const { model } = plan;
  let outputs: Outputs;
  try {
    outputs = await runModel(session, ports, valuesFor(model.input, batch), batch);
  } catch (cause) {
    throw unloadable(model.name, cause);
  }
  decodeOutputs(outputs, plan, [planLetterbox(model.input, model.input)], batch);
  return outputs;
}

function deviceOf(provider: ExecutionProvider, { device }: SessionSpec): number | undefined {
  return provider === 'cuda' || provider === 'tensorrt' ? device : undefined;
}

/** Values that pictures of random pixels would give, the same at each call. */
function noise(pictures: number, input: ModelPackage['input']): TensorValues {
  const values = valuesFor(input, pictures);
  let state = 1;
  for (let index = 0; index < values.length; index += 1) {
    // Numerical Recipes' linear congruential generator; its upper byte is the pixel.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    values[index] = ((state >>> 24) * input.scale - input.mean[0]) / input.std[0];
  }
  return values;
}
