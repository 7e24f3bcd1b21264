import type { ModelPackage } from '@edgeveil/vision';

/** What a contestant is asked to do, in a process of its own. */
export interface Task {
  readonly modelFile: string;
  readonly model: ModelPackage;
  /** JPEG files, taken in turn. */
  readonly pictures: readonly string[];
  /** Folder with a key file and a frame store, for those that read from one. */
  readonly storeDir: string;
  /** Threads of one run. */
  readonly threads: number;
  /** Sessions, or decoders, side by side. */
  readonly sessions: number;
  /** Frames before the clock runs. */
  readonly warmUp: number;
  readonly measureMs: number;
  /** Frames that are timed one at a time, with nothing else under way; none when 0. */
  readonly singles: number;
  /** Folder with a `node_modules` that has peers which are no dependency of this repository. */
  readonly peersDir: string;
}

/** What a contestant answers with, as one line of JSON. */
export interface Measurement {
  readonly framesPerSecond: number;
  /** Median from the bytes of a picture, or the message that announces it, to its detections. */
  readonly latencyMs?: number;
  /** Processor time of the process for each frame. */
  readonly cpuMs?: number;
  readonly peakBytes?: number;
  /** Memory at the end of the measurement. */
  readonly residentBytes?: number;
  /** What a session adds to the process. */
  readonly modelBytes?: number;
  /** Detections for each frame: contestants that do the same work find the same. */
  readonly found?: number;
  /** Longest time that the event loop was blocked, and the 99th percentile. */
  readonly loopMaxMs?: number;
  readonly loopP99Ms?: number;
}

export interface Skipped {
  readonly skipped: string;
}
