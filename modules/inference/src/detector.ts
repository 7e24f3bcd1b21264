import type { Detection, ExecutionProvider, ModelIdentity } from '@edgeveil/contracts';
import type { Log } from '@edgeveil/module-kit';
import { probePicture } from '@edgeveil/picture-codec';
import { type LetterboxPlan, type ModelPackage, planLetterbox, type Size } from '@edgeveil/vision';
import type { PictureRegion } from './cascade/decoded-frame.ts';
import { cpuLimit } from './host/cpu-limit.ts';
import { type LocatedModel, locateModel } from './locate-model.ts';
import { PicturePlacer, type PlaceFor } from './picture-threads/picture-placer.ts';
import { PixelMemory } from './pixel-memory.ts';
import { placedBytes } from './place-pixels.ts';
import { planSessions } from './session/plan-sessions.ts';
import type { SessionDeadlines } from './session/session-host.ts';
import type { Exhaustion, RestartBudget } from './session/session-keeper.ts';
import { SessionPool } from './session/session-pool.ts';
import type {
  PictureInputReport,
  PlacedPicture,
  ProviderReport,
  RunResult,
  SessionInfo,
  SessionSpec,
} from './session/session-protocol.ts';

/**
 * A small part is enlarged by this at most: what is blurred more looks like nothing that a model has learnt. Measured with YuNet 640 on the
 * crops of persons: of small faces it finds 0.81 when each crop fills the input, and 0.93 with this.
 */
const MAX_ENLARGEMENT = 4;

export interface DetectorOptions {
  /** An `.onnx` file, the folder of a model package, the name of a bundled package, or one that was located before. */
  readonly model: string | LocatedModel;
  /** The model file must have this hash, beside the one in `model.json`. */
  readonly sha256?: string;
  /** Tried in this order; the CPU alone when not given. */
  readonly providers?: readonly ExecutionProvider[];
  readonly requireGpu?: boolean;
  /** GPUs by number, for CUDA and TensorRT; the first when not given. */
  readonly devices?: readonly number[];
  /** Why a GPU provider could only be a software renderer here; nothing where there is a GPU, or nobody has looked. */
  readonly noGpu?: string;
  /** How far outputs of a GPU may be from those of the CPU, as a share of the largest value; 0.02 when not given. */
  readonly proofTolerance?: number;
  /** Folder for what the proof writes and removes; without it the proof does not look where nodes ran. */
  readonly scratchDir?: string;
  readonly tensorRt?: { readonly engineCacheDir?: string; readonly fp16?: boolean };
  /** Providers that were found not to work before this, for the report. */
  readonly knownFailures?: ProviderReport['failures'];
  readonly deadlines?: SessionDeadlines;
  readonly budget?: RestartBudget;
  /** Called when workers are lost more often than the budget allows. */
  readonly onExhausted?: (exhaustion: Exhaustion) => void;
  /** Sessions side by side on the CPU; 1 when not given, 0: as many as the cores for this process, and memory, allow. */
  readonly sessions?: number;
  /** Threads of one run; 0 or nothing: the cores for this process (affinity and cgroup limit), divided among the sessions. */
  readonly threads?: number;
  /** Most pictures in one run of a model that takes several; 8 when not given. */
  readonly maxBatch?: number;
  readonly scoreThreshold?: number;
  readonly labelThresholds?: Readonly<Record<string, number>>;
  readonly log?: Log;
  /** Replaces the worker thread's file, for tests of what happens when it dies. */
  readonly workerFile?: URL;
}

type DetectorParts = Pick<DetectorOptions, 'knownFailures'> & { readonly maxBatch: number };

/** A picture as the model wants it, in memory that the worker reads. Must be given to `run` or released. */
export interface PreparedPicture {
  readonly placed: PlacedPicture;
  release(): void;
}

/** Bytes of a picture. */
export interface PictureBytes {
  readonly bytes: Buffer;
  /** Pixels of the picture as displayed; read from its header when not given. */
  readonly size?: Size;
  /** The caller has no more use for the bytes once they are decoded: their memory is given back then. */
  readonly isConsumed?: boolean;
}

/**
 * Finds things in pictures with one ONNX model. The session lives in a worker thread; pictures are decoded and shrunk on
 * the thread pool, so the next ones are prepared while one runs, and the caller's event loop stays free.
 */
export class Detector {
  readonly #pool: SessionPool;
  readonly #memory: PixelMemory;
  readonly #placer: PicturePlacer;
  readonly #info: SessionInfo;
  readonly #maxBatch: number;

  readonly #knownFailures: ProviderReport['failures'];

  private constructor(pool: SessionPool, placer: PicturePlacer, { maxBatch, knownFailures = [] }: DetectorParts) {
    this.#pool = pool;
    this.#placer = placer;
    this.#knownFailures = knownFailures;
    this.#info = pool.info;
    this.#maxBatch = maxBatch;
    this.#memory = new PixelMemory(placedBytes(pool.info.model.input), this.batchSize * (2 + pool.size));
  }

  /** Loads the model and runs it once. ConfigError MODEL_…, GPU_REQUIRED, PROVIDER_UNAVAILABLE with `expected` and `found`. */
  static async open(options: DetectorOptions): Promise<Detector> {
    const located = typeof options.model === 'string' ? await locateModel(options.model) : options.model;
    const maxBatch = options.maxBatch ?? 8;
    const plan = planSessions(await cpuLimit(), { sessions: options.sessions ?? 1, threads: options.threads ?? 0 });
    const spec = await sessionSpec(located, { ...options, threads: plan.threads }, maxBatch);
    const pool = await SessionPool.open(spec, { ...options, sessions: plan.sessions });
    return new Detector(pool, await PicturePlacer.shared(), { ...options, maxBatch });
  }

  get model(): ModelPackage {
    return this.#info.model;
  }

  get identity(): ModelIdentity {
    const { name, version, sha256 } = this.#info.model;
    return { name, version, sha256 };
  }

  get labels(): readonly string[] {
    return this.#info.model.labels;
  }

  get provider(): ProviderReport {
    const { asked, failures, ...rest } = this.#info.provider;
    const known = this.#knownFailures;
    return {
      ...rest,
      asked: [...new Set([...known.map(({ provider }) => provider), ...asked])],
      failures: [...known, ...failures],
    };
  }

  /** Whether pixels become the model's numbers inside the graph. */
  get pictureInput(): PictureInputReport {
    return this.#info.pictureInput;
  }

  /** What each session runs on. */
  get providers(): readonly ProviderReport[] {
    return this.#pool.providers;
  }

  /** Sessions that run side by side. */
  get sessions(): number {
    return this.#pool.size;
  }

  get threads(): number {
    return this.#info.threads;
  }

  /** Milliseconds from the first byte read to the end of the first run. */
  get loadMs(): number {
    return this.#info.loadMs;
  }

  /**
   * Pictures worth giving to one `run`: 1 for a model that takes one at a time, and on the CPU, where larger batches gain nothing
   * (measured with MobileNetV2: 4.4 ms a picture alone, 5.3 ms in eights) and take memory.
   */
  get batchSize(): number {
    return this.#info.fixedBatch ?? (this.#info.provider.used === 'cpu' ? 1 : this.#maxBatch);
  }

  /** Decodes and shrinks a picture, orientation applied. RejectedError PICTURE_…, TransientError PICTURE_THREAD_LOST */
  async prepare({ bytes, size, isConsumed = false }: PictureBytes): Promise<PreparedPicture> {
    const plan = planLetterbox(size ?? (await probePicture(bytes)), this.#info.model.input);
    return this.#placed(plan, await this.#placer.place(bytes, this.#targetFor(plan), { isConsumed }));
  }

  /**
   * Cuts a part out of a picture that has been decoded, and shrinks it as `prepare` does a whole one. What is found in it is in
   * pixels of the original, from the corner of the part.
   */
  async prepareRegion(region: PictureRegion): Promise<PreparedPicture> {
    const plan = planLetterbox(region.size, this.#info.model.input, MAX_ENLARGEMENT);
    return this.#placed(plan, await this.#placer.placePart(region, this.#targetFor(plan)));
  }

  #targetFor(plan: LetterboxPlan): PlaceFor {
    return { plan, pad: this.#info.model.input.pad, blocks: this.#memory };
  }

  #placed(plan: LetterboxPlan, memory: SharedArrayBuffer): PreparedPicture {
    let isReleased = false;
    return {
      placed: { memory, plan },
      release: () => {
        if (!isReleased) {
          isReleased = true;
          this.#memory.release(memory);
        }
      },
    };
  }

  /**
   * Detections of prepared pictures, in pixels of the originals, best first. Releases the pictures, also when it fails.
   * TransientError INFERENCE_WORKER_LOST, INFERENCE_RUN_HUNG or INFERENCE_RUN_FAILED: the worker is replaced, and the call may be repeated
   * with pictures prepared anew. Runs in the order of the calls.
   */
  async run(pictures: readonly PreparedPicture[]): Promise<RunResult> {
    try {
      return await this.#pool.run(pictures.map(({ placed }) => placed));
    } finally {
      for (const picture of pictures) {
        picture.release();
      }
    }
  }

  /** Prepares and runs; while one batch runs the next is prepared. Rejects when one of the pictures cannot be read. */
  async detect(pictures: readonly PictureBytes[]): Promise<Detection[][]> {
    const results = await this.#runAll(pictures);
    return results.flatMap(({ detections }) => detections);
  }

  /** Features of each picture, as `detect` runs it: to compare by cosine. Empty for a model that gives none. */
  async embed(pictures: readonly PictureBytes[]): Promise<Float32Array[]> {
    const results = await this.#runAll(pictures);
    return results.flatMap(({ embeddings = [] }) => embeddings);
  }

  async #runAll(pictures: readonly PictureBytes[]): Promise<RunResult[]> {
    const size = this.batchSize;
    const results: RunResult[] = [];
    let next = this.#prepareAll(pictures.slice(0, size));
    for (let start = 0; start < pictures.length; start += size) {
      const prepared = await next;
      const running = this.run(prepared);
      next = this.#prepareAll(pictures.slice(start + size, start + 2 * size));
      // Both must be settled before one of them is reported: nobody else would see the other fail.
      const [result] = await Promise.allSettled([running, next]);
      if (result.status === 'rejected') {
        await next.then(releaseAll, () => undefined);
        throw result.reason;
      }
      results.push(result.value);
    }
    await next;
    return results;
  }

  /** Prepares and runs an empty picture. Throws as `prepare` and `run` when that fails too, so that no picture is to blame. */
  async selfTest(): Promise<void> {
    const prepared = await this.prepareRegion(EMPTY_REGION);
    try {
      await this.#pool.runOnEach([prepared.placed]);
    } finally {
      prepared.release();
    }
  }

  /** Whether it gives features of pictures, as `embed` answers them. */
  async givesFeatures(): Promise<boolean> {
    const { task, input } = this.#info.model;
    if (task !== 'classification') {
      return task === 'embedding';
    }
    const { embeddings = [] } = await this.#pool.run([emptyPicture(input)]);
    return embeddings.length > 0;
  }

  /** Ends the worker after what it has in hand. */
  async close(): Promise<void> {
    await this.#pool.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #prepareAll(pictures: readonly PictureBytes[]): Promise<PreparedPicture[]> {
    const results = await Promise.allSettled(pictures.map((picture) => this.prepare(picture)));
    const prepared = results.filter((result) => result.status === 'fulfilled').map(({ value }) => value);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) {
      releaseAll(prepared);
      throw failed.reason;
    }
    return prepared;
  }
}

/** What a session is opened with. Also what a model is tried out with before it is let into the process. */
export async function sessionSpec(
  located: LocatedModel,
  options: DetectorOptions,
  maxBatch = options.maxBatch ?? 8,
): Promise<SessionSpec> {
  const { tensorRt = {}, devices = [0] } = options;
  const described = located.description?.sha256 ?? located.known?.sha256;
  return {
    ...located,
    expectedHashes: [
      ...(described === undefined ? [] : [{ origin: 'model.json', sha256: described }]),
      ...(options.sha256 === undefined ? [] : [{ origin: 'the configuration', sha256: options.sha256 }]),
    ],
    providers: [...new Set(options.providers ?? (['cpu'] as const))],
    requireGpu: options.requireGpu ?? false,
    device: devices[0] ?? 0,
    noGpu: options.noGpu,
    proofTolerance: options.proofTolerance ?? 0.02,
    scratchDir: options.scratchDir,
    tensorRt: { engineCacheDir: tensorRt.engineCacheDir, fp16: tensorRt.fp16 ?? false },
    threads: options.threads || (await cpuLimit()),
    maxBatch,
    scoreThreshold: options.scoreThreshold,
    labelThresholds: options.labelThresholds,
  };
}

const EMPTY_REGION: PictureRegion = {
  pixels: { memory: new SharedArrayBuffer(3 * 16 * 16), width: 16, height: 16 },
  area: { left: 0, top: 0, width: 16, height: 16 },
  corner: [0, 0],
  size: { width: 16, height: 16 },
};

function emptyPicture(input: ModelPackage['input']): PlacedPicture {
  return { memory: new SharedArrayBuffer(placedBytes(input)), plan: planLetterbox(input, input) };
}

function releaseAll(pictures: readonly PreparedPicture[]): void {
  for (const picture of pictures) {
    picture.release();
  }
}
