import type { CascadeDetection, ModelIdentity, StageResult } from '@edgeveil/contracts';
import type { ModelPackage } from '@edgeveil/vision';
import type { PictureBytes } from './detector.ts';
import type { ProviderReport, RunTimings } from './session/session-protocol.ts';

/** Bytes of a frame's picture, and where it comes from. */
export interface FrameBytes extends PictureBytes {
  /** Some sources are looked at in tiles. */
  readonly source?: string;
}

/** A frame that is ready to be run. Must be given to `run` or released. */
export interface PreparedFrame {
  release(): void;
}

/** What is found in a batch of frames. */
export interface FramesResult {
  /** One list per frame, in pixels of the original. */
  readonly detections: CascadeDetection[][];
  /** The stages of a cascade that the frames have been through. */
  readonly stages?: readonly StageResult[];
  readonly timings: RunTimings;
  /** Work of each stage. */
  readonly stageWork?: readonly StageWork[];
}

export interface StageWork {
  readonly name: string;
  readonly crops: number;
  readonly ms: number;
  readonly isDone: boolean;
}

/** A stage as it stands now. */
export interface StageStatus {
  readonly name: string;
  readonly yields: StageResult['yields'];
  /** `undefined` while it cannot be loaded. */
  readonly model: ModelIdentity | undefined;
  readonly provider: ProviderReport['used'] | undefined;
  /** Why it does not work; only of a stage that is not required. */
  readonly failure: { readonly code: string; readonly message: string } | undefined;
}

/**
 * Finds things in frames: one model, or one with a cascade behind it. `prepare` decodes, and may be called for the next frames while
 * some run. `run` releases the frames, also when it fails: with a TransientError when the same frames may be run again, prepared anew, with a
 * ConfigError when the model does not work.
 */
export interface FrameDetector {
  /** The first model. */
  readonly model: ModelPackage;
  readonly identity: ModelIdentity;
  /** All labels that can be found. */
  readonly labels: readonly string[];
  readonly provider: ProviderReport;
  readonly providers: readonly ProviderReport[];
  readonly sessions: number;
  readonly threads: number;
  readonly loadMs: number;
  /** Frames worth giving to one `run`. */
  readonly batchSize: number;
  readonly stages?: readonly StageStatus[];
  prepare(frame: FrameBytes): Promise<PreparedFrame>;
  run(frames: readonly PreparedFrame[]): Promise<FramesResult>;
  /** Runs empty pictures. Throws as `run` when it fails with those too, so that no frame is to blame. */
  selfTest(): Promise<void>;
  close(): Promise<void>;
}
