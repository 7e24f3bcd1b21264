import {
  type CascadeDetection,
  ConfigError,
  type Frame,
  type FrameDetections,
  frameSchema,
  RejectedError,
  TransientError,
} from '@edgeveil/contracts';
import type { StoreItem } from '@edgeveil/frame-store';
import type { Log } from '@edgeveil/module-kit';
import { type DetectionsWriter, rounded } from './detections-writer.ts';
import type { FrameDetector, FramesResult, PreparedFrame } from './frame-detector.ts';
import type { FrameFiles } from './frame-files/frame-files.ts';
import type { QueuedFrame } from './frame-queue.ts';
import type { InferenceMetrics } from './inference-metrics.ts';

/** Attempts that a frame gets. One that was begun this often and never ended has killed the process, or its worker, each time. */
const MAX_ATTEMPTS = 3;

export interface FrameInferenceOptions {
  readonly files: FrameFiles;
  readonly writer: DetectionsWriter;
  readonly metrics: InferenceMetrics;
  readonly log: Log;
  /** Called for detections that are safe in their store. */
  readonly onDetections: (detections: FrameDetections) => void;
  readonly clock: () => number;
}

/** A frame in hand. */
interface OpenFrame {
  readonly frame: Frame;
  readonly picture: PreparedFrame;
}

/**
 * Takes frames from their store to their detections: claim, read, decode, run, put, announce. Every frame that is begun
 * ends in one of these: detections stored, quarantine, or given back untouched to be found by a later sweep.
 */
export class FrameInference {
  readonly #options: FrameInferenceOptions;

  constructor(options: FrameInferenceOptions) {
    this.#options = options;
  }

  /**
   * Infers a batch. Answers with the frames that must be run alone: those whose earlier attempt never ended, and all of
   * a batch under which the session, or a thread that works on pictures, failed, because any of them may be the cause.
   *
   * @throws ConfigError when the model turns out not to work; all frames have been given back. What is a bug; then they stay claimed, so
   * that the attempt, which ends the process, is counted.
   */
  async inferBatch(queued: readonly QueuedFrame[], detector: FrameDetector): Promise<QueuedFrame[]> {
    const begun = await Promise.all(queued.map(({ id }) => this.#begin(id, detector)));
    const suspects = queued.filter((_, index) => begun[index] === 'suspect');
    const frames = begun.filter((each) => each !== undefined && each !== 'suspect');
    if (frames.length === 0) {
      return suspects;
    }
    try {
      const result = await this.#run(frames, detector);
      await this.#storeAll(frames, result, detector);
      return suspects;
    } catch (error) {
      if (isBug(error)) {
        throw error;
      }
      await Promise.all(frames.map(({ frame }) => this.#giveBack(frame.id)));
      if (!(error instanceof TransientError)) {
        throw error;
      }
      const failed = new Set(frames.map(({ frame }) => frame.id));
      return [...suspects, ...queued.filter(({ id }) => failed.has(id))];
    }
  }

  /**
   * Infers one frame while nothing else is under way, up to three times, counting those that killed the process. After a
   * failure an empty picture is prepared and run: only a frame that fails where that one does not is to blame.
   *
   * @throws ConfigError as `inferBatch`; TransientError when the session fails with any picture.
   */
  async inferAlone({ id }: QueuedFrame, detector: FrameDetector): Promise<void> {
    const begun = await this.#claim(id);
    if (begun === undefined) {
      return;
    }
    for (let attempt = begun; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const item = await this.#read(id);
      if (item === undefined) {
        return;
      }
      try {
        const opened = await this.#open(item, detector);
        if (opened === undefined) {
          return;
        }
        const result = await this.#run([opened], detector);
        return await this.#storeAll([opened], result, detector);
      } catch (error) {
        if (isBug(error)) {
          throw error;
        }
        if (!(error instanceof TransientError)) {
          await this.#giveBack(id);
          throw error;
        }
        await this.#blameSession(id, detector);
      }
    }
    const reason = `inference was begun ${MAX_ATTEMPTS} times and never ended`;
    await this.#quarantine(id, new RejectedError('FRAME_POISON', reason, { details: { attempts: MAX_ATTEMPTS } }));
  }

  /** Takes frames of live sources out of the store that nobody waits for any more, and counts them. */
  async dropStale(queued: readonly QueuedFrame[]): Promise<void> {
    const { files, metrics } = this.#options;
    for (const { id, source } of queued) {
      try {
        // Whoever has it, or has its detections, is to finish it.
        if (await files.drop(id)) {
          metrics.dropped.inc({ source, reason: 'stale' });
        }
      } catch (error) {
        this.#leave(id, error);
      }
    }
  }

  async #blameSession(id: string, detector: FrameDetector): Promise<void> {
    try {
      await detector.selfTest();
    } catch (error) {
      await this.#giveBack(id);
      throw error;
    }
  }

  /** Which attempt it is; `undefined` when there is nothing to do with the frame, or not now. */
  async #claim(id: string): Promise<number | undefined> {
    try {
      const claimed = await this.#options.files.claim(id);
      return claimed.outcome === 'claimed' ? claimed.attempt : this.#skip(claimed.outcome);
    } catch (error) {
      return this.#leave(id, error);
    }
  }

  /** Claims, reads and decodes. `undefined` as `#take`; of a suspect nothing is claimed. */
  async #begin(id: string, detector: FrameDetector): Promise<OpenFrame | 'suspect' | undefined> {
    const item = await this.#take(id);
    if (item === undefined || item === 'suspect') {
      return item;
    }
    try {
      return await this.#open(item, detector);
    } catch (error) {
      if (isBug(error)) {
        throw error;
      }
      await this.#giveBack(id);
      return 'suspect';
    }
  }

  /** Claims and reads. `undefined` when that has brought the frame to its end, or there is nothing to do with it now. */
  async #take(id: string): Promise<StoreItem | 'suspect' | undefined> {
    try {
      const taken = await this.#timed('frame_read', this.#options.files.take(id));
      switch (taken.outcome) {
        case 'taken':
          return taken.item;
        case 'suspect':
          return taken.outcome;
        default:
          return this.#skip(taken.outcome);
      }
    } catch (error) {
      return error instanceof RejectedError ? this.#quarantine(id, error) : this.#leave(id, error);
    }
  }

  /** Reads a frame that is claimed. `undefined` as `#take`. */
  async #read(id: string): Promise<StoreItem | undefined> {
    try {
      const item = await this.#timed('frame_read', this.#options.files.read(id));
      if (item === undefined) {
        await this.#giveBack(id);
        return this.#skip('gone');
      }
      return item;
    } catch (error) {
      if (error instanceof RejectedError) {
        return this.#quarantine(id, error);
      }
      await this.#giveBack(id);
      return this.#leave(id, error);
    }
  }

  /**
   * Decodes a claimed frame. `undefined` when its picture is damaged, and it has been set aside. @throws TransientError when it may be tried
   * again; it is still claimed
   */
  async #open({ id, meta, payload: bytes }: StoreItem, detector: FrameDetector): Promise<OpenFrame | undefined> {
    try {
      const frame = parseFrame(id, meta);
      const { source, width, height } = frame;
      const size = { width, height };
      const picture = await this.#timed('decode', detector.prepare({ bytes, source, size, isConsumed: true }));
      return { frame, picture };
    } catch (error) {
      if (!(error instanceof RejectedError)) {
        throw error;
      }
      return this.#quarantine(id, error);
    }
  }

  #skip(reason: 'gone' | 'inferred'): undefined {
    this.#options.metrics.skipped.inc({ reason });
  }

  async #run(frames: readonly OpenFrame[], detector: FrameDetector): Promise<FramesResult> {
    const { metrics } = this.#options;
    try {
      const result = await detector.run(frames.map(({ picture }) => picture));
      const { fillMs, runMs, decodeMs } = result.timings;
      metrics.stageSeconds.observe({ stage: 'fill' }, fillMs / 1000 / frames.length);
      metrics.stageSeconds.observe({ stage: 'infer' }, runMs / 1000 / frames.length);
      metrics.stageSeconds.observe({ stage: 'decode_outputs' }, decodeMs / 1000 / frames.length);
      for (const { name, crops, ms, isDone } of result.stageWork ?? []) {
        metrics.stageSeconds.observe({ stage: `cascade_${name}` }, ms / 1000 / frames.length);
        metrics.crops.inc({ stage: name }, crops);
        metrics.cascadeFailures.inc({ stage: name }, isDone ? 0 : frames.length);
      }
      metrics.runs.inc({ outcome: 'ok' });
      metrics.batchFrames.observe(frames.length);
      return result;
    } catch (error) {
      metrics.runs.inc({ outcome: 'failed' });
      throw error;
    }
  }

  async #storeAll(frames: readonly OpenFrame[], result: FramesResult, detector: FrameDetector): Promise<void> {
    const { detections, stages } = result;
    await Promise.all(
      frames.map((each, index) => this.#store(each, detector, { found: detections[index] ?? [], stages })),
    );
  }

  async #store(
    { frame }: OpenFrame,
    detector: FrameDetector,
    { found, stages }: { readonly found: readonly CascadeDetection[]; readonly stages: FramesResult['stages'] },
  ): Promise<void> {
    const { writer, metrics, onDetections, clock } = this.#options;
    const result: FrameDetections = {
      frame,
      model: detector.identity,
      labels: detector.labels,
      detections: found.map(rounded),
      ...(stages && { stages }),
      inferredAt: new Date(clock()).toISOString(),
    };
    const isStored = await this.#timed('detections_put', writer.put(result));
    if (!isStored) {
      await this.#giveBack(frame.id);
    } else {
      metrics.inferred.inc({ source: frame.source });
      for (const { label } of found) {
        metrics.detections.inc({ label });
      }
      onDetections(result);
    }
  }

  async #quarantine(id: string, error: RejectedError): Promise<undefined> {
    const { files, metrics, log } = this.#options;
    const { code, message, details } = error;
    try {
      await files.quarantine(id, { code, message, details: { ...details } });
    } catch (failure) {
      return this.#leave(id, failure);
    }
    metrics.quarantined.inc({ reason: code });
    log.warn('frame quarantined', { id, error });
  }

  async #giveBack(id: string): Promise<void> {
    try {
      await this.#options.files.giveBack(id);
    } catch (error) {
      // It runs out by itself.
      this.#options.log.warn('lease not released', { id, error });
    }
  }

  /** The frame stays in its store for a later sweep. @throws what is a bug */
  #leave(id: string, error: unknown): undefined {
    if (isBug(error)) {
      throw error;
    }
    this.#options.log.warn('frame waits', { id, error });
  }

  async #timed<T>(stage: string, work: Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const value = await work;
    this.#options.metrics.stageSeconds.observe({ stage }, (performance.now() - startedAt) / 1000);
    return value;
  }
}

function isBug(error: unknown): boolean {
  return !(error instanceof TransientError || error instanceof ConfigError);
}

function parseFrame(id: string, meta: unknown): Frame {
  const parsed = frameSchema.safeParse(meta);
  if (!parsed.success || parsed.data.id !== id) {
    throw new RejectedError('FRAME_INVALID', 'what the frame store says about the frame does not parse', {
      details: { issues: parsed.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? ['id'] },
    });
  }
  return parsed.data;
}
