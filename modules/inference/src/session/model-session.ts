import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ConfigError, type Detection, type ExecutionProvider } from '@edgeveil/contracts';
import { freeBytes } from '@edgeveil/frame-store';
import {
  checkLabels,
  checkModelInput,
  type DecodePlan,
  decodeOutputs,
  embedOutputs,
  fixedBatchOf,
  type ModelPackage,
  type Outputs,
  planDecode,
  planLetterbox,
} from '@edgeveil/vision';
import { placedBytes } from '../place-pixels.ts';
import { chooseGraph } from './choose-graph.ts';
import { describeBareModel } from './describe-bare-model.ts';
import { type GraphFile, type LoadedGraph, loadedGraph, loadSession } from './loaded-graph.ts';
import { noisePictures } from './noise-pictures.ts';
import { pixelGraph, takesPixels } from './pixel-graph.ts';
import { proveProvider } from './prove-provider.ts';
import { providerOptions } from './provider-options.ts';
import { type ModelBytes, readModel } from './read-model.ts';
import type {
  PictureInputReport,
  PlacedPicture,
  ProviderProof,
  RunResult,
  SessionInfo,
  SessionSpec,
} from './session-protocol.ts';
import { tryProviders } from './try-providers.ts';
import { unloadable } from './unloadable.ts';

interface Parts {
  readonly graph: LoadedGraph;
  readonly pictureInput: PictureInputReport;
  readonly plan: DecodePlan;
  readonly fixedBatch: number | undefined;
  readonly proof: ProviderProof | undefined;
}

/** One model on one execution provider. `run` blocks its thread: use it in a worker only. */
export class ModelSession {
  readonly info: SessionInfo;
  readonly #parts: Parts;
  readonly #maxBatch: number;

  private constructor(info: SessionInfo, parts: Parts, maxBatch: number) {
    this.info = info;
    this.#parts = parts;
    this.#maxBatch = Math.max(1, maxBatch);
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
      (parts) => parts.graph.session.release(),
    );
    const info = {
      model: opened.plan.model,
      provider: { ...report, device: deviceOf(report.used, spec), proof: opened.proof },
      pictureInput: opened.pictureInput,
      fixedBatch: opened.fixedBatch,
      threads: spec.threads,
      loadMs: performance.now() - startedAt,
    };
    freeBytes(opened.graph.bytes);
    freeBytes(model.bytes);
    return new ModelSession(info, opened, spec.maxBatch);
  }

  /** Detections of each picture. A graph with a fixed batch runs as often as it must, the last time with empty places. */
  async run(pictures: readonly PlacedPicture[]): Promise<RunResult> {
    const { graph, plan, fixedBatch } = this.#parts;
    const size = fixedBatch ?? this.#maxBatch;
    const detections: Detection[][] = [];
    const embeddings: Float32Array[] = [];
    const timings = { fillMs: 0, runMs: 0, decodeMs: 0 };
    for (let start = 0; start < pictures.length; start += size) {
      const chunk = pictures.slice(start, start + size);
      const startedAt = performance.now();
      const batch = fixedBatch ?? chunk.length;
      const bytes = chunk.map((picture) => new Uint8Array(picture.memory, 0, placedBytes(picture.plan.input)));
      const values = graph.fill(bytes, batch);
      const filledAt = performance.now();
      const outputs = await graph.runOn(values, batch);
      const ranAt = performance.now();
      const plans = chunk.map((picture) => picture.plan);
      detections.push(...decodeOutputs(outputs, plan, plans, batch));
      embeddings.push(...(embedOutputs(outputs, plan, { pictures: chunk.length, batch }) ?? []));
      timings.fillMs += filledAt - startedAt;
      timings.runMs += ranAt - filledAt;
      timings.decodeMs += performance.now() - ranAt;
    }
    return { detections, embeddings, timings };
  }

  async close(): Promise<void> {
    await this.#parts.graph.session.release();
  }
}

async function openOn(provider: ExecutionProvider, file: ModelBytes, spec: SessionSpec): Promise<Parts> {
  const isGpu = provider !== 'cpu';
  if (isGpu && spec.noGpu !== undefined) {
    throw new ConfigError('PROVIDER_NO_GPU', `${provider}: ${spec.noGpu}`, {
      details: { expected: 'a GPU in the container', found: spec.noGpu },
    });
  }
  const { graph, model, pictureInput } = await openGraph(provider, file, spec);
  try {
    const plan = planDecode(model, { score: spec.scoreThreshold, perLabel: spec.labelThresholds });
    const fixedBatch = fixedBatchOf(graph.io, { input: graph.ports.input });
    const sample = await tryOut(graph, plan, fixedBatch ?? 1);
    checkLabels(model, { ...graph.io, sample });
    const proof = isGpu ? await prove(graph, spec, fixedBatch ?? 1) : undefined;
    return { graph, pictureInput, plan, fixedBatch, proof };
  } catch (error) {
    await graph.session.release();
    throw error;
  }
}

interface OpenedGraph {
  readonly graph: LoadedGraph;
  readonly model: ModelPackage;
  readonly pictureInput: PictureInputReport;
}

/** The model as it is, or as it takes bytes where that is faster. */
async function openGraph(provider: ExecutionProvider, bare: ModelBytes, spec: SessionSpec): Promise<OpenedGraph> {
  const { modelFile, known, pictureInput } = spec;
  if (spec.description !== undefined && pictureInput?.by === 'graph') {
    const graph = await openPixelGraph(provider, bare.bytes, spec.description, spec);
    if (graph !== undefined) {
      return { graph, model: spec.description, pictureInput };
    }
  }
  const file = graphFile(provider, bare.bytes, spec);
  const session = await loadSession(file);
  const opened = [session];
  try {
    const model = spec.description ?? (await describeBareModel({ session, modelFile, file: bare, known })).model;
    checkModelInput(model, { inputs: session.inputMetadata, outputs: session.outputMetadata });
    const filled = loadedGraph(file, session, model.input);
    if (pictureInput?.by === 'fill' || takesPixels(model.input)) {
      return { graph: filled, model, pictureInput: pictureInput ?? { by: 'graph' } };
    }
    const pixels = await openPixelGraph(provider, bare.bytes, model, spec);
    if (pixels === undefined) {
      return { graph: filled, model, pictureInput: { by: 'fill' } };
    }
    opened.push(pixels.session);
    const { chosen, report } = await chooseGraph(filled, pixels, fixedBatchOf(filled.io, model) ?? 1);
    const other = chosen === filled ? pixels : filled;
    await other.release();
    if (other === pixels) {
      freeBytes(pixels.bytes);
    }
    return { graph: chosen, model, pictureInput: report };
  } catch (error) {
    await Promise.all(opened.map((each) => each.release()));
    throw error;
  }
}

/** `undefined` where the graph cannot be made, or the runtime does not take it: the model as it is remains. */
async function openPixelGraph(
  provider: ExecutionProvider,
  bytes: Uint8Array,
  model: ModelPackage,
  spec: SessionSpec,
): Promise<LoadedGraph | undefined> {
  const made = pixelGraph(bytes, model);
  if (made === undefined) {
    return undefined;
  }
  const file = graphFile(provider, made.bytes, spec);
  try {
    return loadedGraph(file, await loadSession(file), made.input);
  } catch (error) {
    if (error instanceof ConfigError) {
      return undefined;
    }
    throw error;
  }
}

function graphFile(provider: ExecutionProvider, bytes: Uint8Array, spec: SessionSpec): GraphFile {
  const isRecorded = provider !== 'cpu' && spec.scratchDir !== undefined;
  const profileFilePrefix = isRecorded ? join(spec.scratchDir, `placement-${process.pid}-${randomUUID()}`) : undefined;
  return { provider, bytes, name: spec.modelFile, options: providerOptions(provider, { ...spec, profileFilePrefix }) };
}

/** Runs the model on the CPU too. */
async function prove(graph: LoadedGraph, spec: SessionSpec, batch: number): Promise<ProviderProof> {
  const { input } = graph.ports;
  const file = graphFile('cpu', graph.bytes, spec);
  const reference = loadedGraph(file, await loadSession(file), input);
  try {
    const pictures = noisePictures(batch, input);
    return await proveProvider({
      provider: graph.provider,
      tolerance: spec.proofTolerance,
      candidate: { run: () => graph.run(pictures, batch) },
      reference: { run: () => reference.run(pictures, batch) },
      placement: () => graph.session.placement(),
    });
  } finally {
    await reference.session.release();
  }
}

async function tryOut(graph: LoadedGraph, plan: DecodePlan, batch: number): Promise<Outputs> {
  const { model } = plan;
  const empty = new Uint8Array(3 * model.input.width * model.input.height).fill(model.input.pad);
  let outputs: Outputs;
  try {
    outputs = await graph.run([empty], batch);
  } catch (cause) {
    throw unloadable(model.name, cause);
  }
  decodeOutputs(outputs, plan, [planLetterbox(model.input, model.input)], batch);
  return outputs;
}

function deviceOf(provider: ExecutionProvider, { device }: SessionSpec): number | undefined {
  return provider === 'cuda' || provider === 'tensorrt' ? device : undefined;
}
