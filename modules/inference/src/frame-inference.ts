import {
  type CascadeDetection,
  ConfigError,
  type Frame,
  type FrameDetections,
  frameSchema,
  RejectedError,
  TransientError,
} from '@edgeveil/contracts';
import type { FileStore, Lease } from '@edgeveil/frame-store';
import type { Log } from '@edgeveil/module-kit';
import { type DetectionsWriter, rounded } from './detections-writer.ts';
import type { FrameDetector, FramesResult, PreparedFrame } from './frame-detector.ts';
import type { QueuedFrame } from './frame-queue.ts';
import type { InferenceMetrics } from './inference-metrics.ts';

/** Attempts that a frame gets. One that was begun this often and never ended has killed the process, or its worker, each time. */
const MAX_ATTEMPTS = 3;
/** A dead process's lease is taken over at once by the next one of the module; this bounds a hung one. */
const LEASE_MS = 300_000;

export interface FrameInferenceOptions {
  readonly frames: FrameStore;
  readonly detections: DetectionStore;
  readonly writer: DetectionsWriter;
  readonly metrics: InferenceMetrics;
  readonly log: Log;
  readonly owner: string;
  readonly instance: string;
  /** Called for detections that are safe in their store. */
  readonly onDetections: (detections: FrameDetections) => void;
  readonly clock: () => number;
}
type FrameStore = Pick<FileStore, 'claim' | 'read' | 'quarantine' | 'settle'>;
type DetectionStore = Pick<FileStore, 'has'>;

/** A frame in hand. */
interface OpenFrame {
  readonly id: string;
  readonly lease: Lease;
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
   * a batch under which the session failed, because any of them may be the cause.
   *
   * @throws ConfigError when the model turns out not to work; all frames have been given back.
   */
  async inferBatch(queued: readonly QueuedFrame[], detector: FrameDetector): Promise<QueuedFrame[]> {
    const suspects: QueuedFrame[] = [];
    const opened = await Promise.all(
      queued.map(async (each) => {
        const lease = await this.#claim(each.id);
        if (lease !== undefined && lease.attempt > 1) {
          await this.#giveBack(lease);
          suspects.push(each);
          return undefined;
        }
        return lease === undefined ? undefined : this.#open(each.id, lease, detector);
      }),
    );
    const frames = opened.filter((each) => each !== undefined);
    if (frames.length === 0) {
      return suspects;
    }
    try {
      const result = await this.#run(frames, detector);
      await this.#storeAll(frames, result, detector);
      return suspects;
    } catch (error) {
      await Promise.all(frames.map(({ lease }) => this.#giveBack(lease)));
      if (!(error instanceof TransientError)) {
        throw error;
      }
      const failed = new Set(frames.map(({ id }) => id));
      return [...suspects, ...queued.filter(({ id }) => failed.has(id))];
    }
  }

  /**
   * Infers one frame while nothing else is under way, up to three times, counting those that killed the process. After a
   * failure the session runs an empty picture: only a frame that fails where that one does not is to blame.
   *
   * @throws ConfigError as `inferBatch`; TransientError when the session fails with any picture.
   */
  async inferAlone({ id }: QueuedFrame, detector: FrameDetector): Promise<void> {
    const lease = await this.#claim(id);
    if (lease === undefined) {
      return;
    }
    for (let attempt = lease.attempt; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const opened = await this.#open(id, lease, detector);
      if (opened === undefined) {
        return;
      }
      try {
        const result = await this.#run([opened], detector);
        return await this.#storeAll([opened], result, detector);
      } catch (error) {
        if (!(error instanceof TransientError)) {
          await this.#giveBack(lease);
          throw error;
        }
        await this.#blameSession(lease, detector);
      }
    }
    const reason = `inference was begun ${MAX_ATTEMPTS} times and never ended`;
    await this.#quarantine(id, new RejectedError('FRAME_POISON', reason, { details: { attempts: MAX_ATTEMPTS } }));
  }

  /** Takes frames of live sources out of the store that nobody waits for any more, and counts them. */
  async dropStale(queued: readonly QueuedFrame[]): Promise<void> {
    const { frames, metrics } = this.#options;
    for (const { id, source } of queued) {
      // Whoever has it, or has its detections, is to finish it.
      const lease = await this.#claim(id);
      if (lease !== undefined) {
        try {
          await frames.settle(id);
          metrics.dropped.inc({ source, reason: 'stale' });
        } catch (error) {
          await this.#giveBack(lease);
          this.#leave(id, error);
        }
      }
    }
  }

  async #blameSession(lease: Lease, detector: FrameDetector): Promise<void> {
    try {
      await detector.selfTest();
    } catch (error) {
      await this.#giveBack(lease);
      throw error;
    }
  }

  /** `undefined` when there is nothing to do with the frame, or not now. */
  async #claim(id: string): Promise<Lease | undefined> {
    const { frames, detections, metrics, owner, instance } = this.#options;
    try {
      const lease = await frames.claim(id, { owner, instance, leaseMs: LEASE_MS });
      if (lease === undefined) {
        // A live frame that made way for a newer one, or one that another process has.
        metrics.skipped.inc({ reason: 'gone' });
        return undefined;
      }
      if (await detections.has(id)) {
        await this.#giveBack(lease);
        metrics.skipped.inc({ reason: 'inferred' });
        return undefined;
      }
      return lease;
    } catch (error) {
      this.#leave(id, error);
      return undefined;
    }
  }

  /** Reads and decodes. `undefined` when that has brought the frame to its end, or it has been given back. */
  async #open(id: string, lease: Lease, detector: FrameDetector): Promise<OpenFrame | undefined> {
    const { frames, metrics } = this.#options;
    try {
      const item = await this.#timed('frame_read', frames.read(id));
      if (item === undefined) {
        metrics.skipped.inc({ reason: 'gone' });
        await this.#giveBack(lease);
        return undefined;
      }
      const frame = parseFrame(id, item.meta);
      const { payload: bytes } = item;
      const { source, width, height } = frame;
      const size = { width, height };
      const picture = await this.#timed('decode', detector.prepare({ bytes, source, size, isConsumed: true }));
      return { id, lease, frame, picture };
    } catch (error) {
      if (error instanceof RejectedError) {
        await this.#quarantine(id, error);
      } else {
        await this.#giveBack(lease);
        this.#leave(id, error);
      }
      return undefined;
    }
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
    { lease, frame }: OpenFrame,
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
    await this.#giveBack(lease);
    if (isStored) {
      metrics.inferred.inc({ source: frame.source });
      for (const { label } of found) {
        metrics.detections.inc({ label });
      }
      onDetections(result);
    }
  }

  async #quarantine(id: string, error: RejectedError): Promise<void> {
    const { frames, metrics, log } = this.#options;
    const { code, message, details } = error;
    try {
      await frames.quarantine(id, { code, message, details: { ...details } });
    } catch (failure) {
      return this.#leave(id, failure);
    }
    metrics.quarantined.inc({ reason: code });
    log.warn('frame quarantined', { id, error });
  }

  async #giveBack(lease: Lease): Promise<void> {
    try {
      await lease.release();
    } catch (error) {
      // It runs out by itself.
      this.#options.log.warn('lease not released', { error });
    }
  }

  /** The frame stays in its store for a later sweep. @throws what is a bug */
  #leave(id: string, error: unknown): void {
    if (!(error instanceof TransientError || error instanceof ConfigError)) {
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

function parseFrame(id: string, meta: unknown): Frame {
  const parsed = frameSchema.safeParse(meta);
  if (!parsed.success || parsed.data.id !== id) {
    throw new RejectedError('FRAME_INVALID', 'what the frame store says about the frame does not parse', {
      details: { issues: parsed.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? ['id'] },
    });
  }
  return parsed.data;
}
