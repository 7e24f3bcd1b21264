import type { Detection, ExecutionProvider } from '@edgeveil/contracts';
import type { LetterboxPlan, ModelJson, ModelPackage } from '@edgeveil/vision';
import type { TransferredError } from '../transferred-error.ts';

/** Everything a worker needs to open a session; kept, so that a worker that died can be replaced. */
export interface SessionSpec {
  readonly modelFile: string;
  /** From `model.json`; without it the head is recognised from the file. */
  readonly description: ModelPackage | undefined;
  /** What a `model.json` says that leaves some of it out; comes before what is recognised. */
  readonly known?: ModelJson | undefined;
  /** Hashes that the file must have, and who says so. */
  readonly expectedHashes: readonly { readonly origin: string; readonly sha256: string }[];
  readonly providers: readonly ExecutionProvider[];
  readonly requireGpu: boolean;
  /** Number of the GPU, for CUDA and TensorRT. */
  readonly device: number;
  /** Why a GPU provider can only be a software renderer here; `undefined` where there is a GPU, or nobody has looked. */
  readonly noGpu: string | undefined;
  /** How far outputs of a GPU may be from those of the CPU, as a share of the largest value. */
  readonly proofTolerance: number;
  /** Folder for what the proof writes and removes; without it the proof does not look where nodes ran. */
  readonly scratchDir: string | undefined;
  readonly tensorRt: { readonly engineCacheDir: string | undefined; readonly fp16: boolean };
  readonly threads: number;
  /** What a session of the same model on the same provider found to be faster; without it both ways are tried. */
  readonly pictureInput?: PictureInputReport | undefined;
  readonly maxBatch: number;
  readonly scoreThreshold: number | undefined;
  readonly labelThresholds: Readonly<Record<string, number>> | undefined;
}

/** That a model runs on a GPU, and gives there what it gives on the CPU. */
export interface ProviderProof {
  /** Largest difference of an output, as a share of its largest value. */
  readonly maxError: number;
  readonly tolerance: number;
  /** Median of a run with one batch, the same for both. */
  readonly cpuMs: number;
  readonly providerMs: number;
  readonly speedup: number;
  /** Share of the nodes that ran on the provider, by the runtime's own record; `undefined` where it kept none. */
  readonly nodesOnProvider: number | undefined;
  readonly nodesOnCpu: number | undefined;
  readonly provenAt: string;
}

/** Which provider runs the model, and why those before it do not. */
export interface ProviderReport {
  readonly asked: readonly ExecutionProvider[];
  readonly used: ExecutionProvider;
  /** Number of the GPU; `undefined` on the CPU and where the runtime chooses by itself. */
  readonly device: number | undefined;
  /** `undefined` on the CPU. */
  readonly proof: ProviderProof | undefined;
  readonly failures: readonly { readonly provider: ExecutionProvider; readonly reason: string }[];
}

/** How pixels become the numbers that the model takes. */
export interface PictureInputReport {
  /** `graph`: by operators put before the model's own, which take bytes. `fill`: number by number before the run. */
  readonly by: 'graph' | 'fill';
  /** Fastest run of either way; `undefined` where only one was tried. */
  readonly graphMs?: number;
  readonly fillMs?: number;
  /** Largest difference of an output between the two, as a share of its largest value. */
  readonly maxError?: number;
  readonly worst?: string | undefined;
}

/** What is known of a session once it has run for the first time. */
export interface SessionInfo {
  readonly model: ModelPackage;
  readonly provider: ProviderReport;
  readonly pictureInput: PictureInputReport;
  /** Pictures per run that the graph asks for; `undefined` when it takes any number. */
  readonly fixedBatch: number | undefined;
  readonly threads: number;
  readonly loadMs: number;
}

/** A decoded picture in shared memory: RGB bytes of the size of the model's input, padding included. */
export interface PlacedPicture {
  readonly memory: SharedArrayBuffer;
  readonly plan: LetterboxPlan;
}

/** Milliseconds that a batch took in the worker, by step. */
export interface RunTimings {
  readonly fillMs: number;
  readonly runMs: number;
  readonly decodeMs: number;
}

export interface RunResult {
  /** One list per picture, in pixels of the original. */
  readonly detections: Detection[][];
  /** Features of each picture; empty for a model that gives none. */
  readonly embeddings?: Float32Array[];
  readonly timings: RunTimings;
}

export type SessionRequest =
  | { readonly type: 'open'; readonly id: number; readonly spec: SessionSpec }
  | { readonly type: 'run'; readonly id: number; readonly pictures: readonly PlacedPicture[] }
  | { readonly type: 'close'; readonly id: number };

export type SessionReply =
  | { readonly type: 'opened'; readonly id: number; readonly info: SessionInfo }
  | { readonly type: 'ran'; readonly id: number; readonly result: RunResult }
  | { readonly type: 'closed'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly error: TransferredError };
