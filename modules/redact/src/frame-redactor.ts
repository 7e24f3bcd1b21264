import {
  ConfigError,
  type Evidence,
  type Frame,
  type FrameDetections,
  frameDetectionsSchema,
  type RedactTwin,
  RejectedError,
  TransientError,
} from '@edgeveil/contracts';
import type { Log } from '@edgeveil/module-kit';
import type { AggregateLedger } from './aggregate-ledger.ts';
import type { EvidenceRoom } from './evidence-room.ts';
import type { ItemStore, Lease } from './item-store.ts';
import { countedLabels } from './leaving-attributes.ts';
import type { PolicyGate } from './policy-gate.ts';
import type { RedactMetrics } from './redact-metrics.ts';
import { redactPicture } from './redact-picture.ts';
import { sameFrame } from './same-frame.ts';
import { Solitude } from './solitude.ts';
import type { WaitingFrames } from './waiting-frames.ts';

/** Attempts that a frame gets. One that was begun this often and never ended has killed the process each time. */
const MAX_ATTEMPTS = 3;
/** A dead process's lease is taken over at once by the next one of the module; this bounds a hung one. */
const LEASE_MS = 300_000;
/** A detections file that cannot be read is made again by inference, but not for ever. */
const MAX_UNREADABLE = 3;

export interface FrameRedactorOptions {
  readonly frames: ItemStore;
  readonly detections: ItemStore;
  readonly evidence: ItemStore;
  readonly ledger: Pick<AggregateLedger, 'count' | 'forget'>;
  readonly gate: PolicyGate;
  readonly waiting: WaitingFrames;
  readonly room: EvidenceRoom;
  readonly metrics: RedactMetrics;
  readonly log: Log;
  readonly owner: string;
  readonly instance: string;
  /** The twin in force; asked once for each frame. */
  readonly twin: () => RedactTwin;
  /** Called for evidence that is safe in its store, when its frame is settled. */
  readonly onEvidence: (evidence: Evidence) => void;
  readonly clock: () => number;
}

/**
 * Takes one frame from its detections to its end: evidence, dropped by policy, or quarantine. Only what the stores
 * hold counts; a message says which frame to look at and nothing else, so that no message can make a frame pass.
 *
 * The order makes a crash at any point harmless: evidence durable → counted → frame settled → detections settled. The
 * detections file goes last because it is what the sweep finds; each step done twice is as if it was done once.
 */
export class FrameRedactor {
  readonly #options: FrameRedactorOptions;
  readonly #solitude = new Solitude();
  readonly #unreadable = new Map<string, number>();

  constructor(options: FrameRedactorOptions) {
    this.#options = options;
  }

  /**
   * Returns when the frame has come to its end, or waits on disk for a later sweep.
   *
   * @throws InternalError and whatever is no error of the suite's: a bug. The attempt stays counted.
   */
  async redact(id: string, signal: AbortSignal): Promise<void> {
    const result = await this.#readDetections(id);
    if (result === undefined || !(await this.#isAdmitted(id, result)) || !(await this.#options.room.wait(signal)))
      return;
    const isDone = await this.#solitude.together(() => this.#attempt(id, result, { isSuspect: false }));
    if (!isDone && !signal.aborted) await this.#solitude.alone(() => this.#attempt(id, result, { isSuspect: true }));
  }

  /** False when the frame was left untouched because an attempt at it has never ended: it shall run alone. */
  async #attempt(id: string, result: FrameDetections, { isSuspect }: { isSuspect: boolean }): Promise<boolean> {
    const { detections, owner, instance } = this.#options;
    const lease = await detections.claim(id, { owner, instance, leaseMs: LEASE_MS });
    if (lease === undefined) return true;
    if (lease.attempt > 1 && !isSuspect) {
      await lease.release();
      return false;
    }
    try {
      await this.#finish(id, result, lease);
      this.#options.waiting.forget(id);
    } catch (error) {
      await this.#giveUp(id, result, { lease, error });
    }
    return true;
  }

  async #giveUp(
    id: string,
    result: FrameDetections,
    { lease, error }: { lease: Lease; error: unknown },
  ): Promise<void> {
    const { room, log } = this.#options;
    if (error instanceof RejectedError) {
      try {
        return await this.#quarantine(id, result.frame.source, error);
      } catch (failure) {
        if (isForNow(failure)) await lease.release();
        throw failure;
      }
    }
    if (!isForNow(error)) throw error;
    await lease.release();
    if (error.code === 'STORE_DISK_FULL') room.noteDiskFull(error.message);
    else log.warn('frame waits', { id, error });
  }

  async #finish(id: string, result: FrameDetections, lease: Lease): Promise<void> {
    const { frames, detections, metrics, ledger, clock } = this.#options;
    if (lease.attempt > MAX_ATTEMPTS)
      throw new RejectedError('FRAME_POISON', `redacting it was begun ${MAX_ATTEMPTS} times and never ended`);
    const item = await this.#timed('frame_read', frames.read(id));
    if (item === undefined) {
      return this.#settleOrphan(id, result.frame.source);
    }
    const twin = this.#options.twin();
    const frame = sameFrame(item.meta, result);
    const isDropped = twin.policy.whenNothingFound === 'drop' && result.detections.length === 0;
    const evidence = isDropped ? undefined : await this.#makeEvidence(frame, item.payload, result, twin);
    const counted = countedLabels(result.detections, result.stages ?? [], twin.policy);
    ledger.count(frame, counted, { windowSeconds: twin.aggregates.windowSeconds, now: clock() });
    await frames.settle(id);
    await detections.settle(id);
    ledger.forget(id, clock());
    if (evidence === undefined) {
      metrics.dropped.inc({ source: frame.source, reason: 'nothing-found' });
      return;
    }
    metrics.redacted.inc({ source: frame.source });
    this.#options.onEvidence(evidence);
  }

  /**
   * The frame is gone: it was live and made way for a newer one, or had come to its end when inference looked again.
   */
  async #settleOrphan(id: string, source: string): Promise<void> {
    await this.#options.detections.settle(id);
    this.#options.metrics.orphaned.inc({ source });
  }

  async #makeEvidence(frame: Frame, bytes: Buffer, result: FrameDetections, twin: RedactTwin): Promise<Evidence> {
    const { evidence: store, room, metrics, clock } = this.#options;
    const { picture, receipt } = await redactPicture({
      bytes,
      frame,
      model: result.model,
      labels: result.labels,
      detections: result.detections,
      ...(result.stages === undefined ? {} : { stages: result.stages }),
      policy: twin.policy,
      jpegQuality: twin.output.jpegQuality,
      clock,
      onStage: (stage, seconds) => metrics.stageSeconds.observe({ stage }, seconds),
    });
    const { id, source, capturedAt } = frame;
    const evidence: Evidence = { id, source, capturedAt, bytes: picture.length };
    const item = { id, meta: { evidence, receipt }, payload: picture };
    await this.#timed('evidence_put', store.put(item, { durable: true }));
    room.noteStored();
    for (const { label } of receipt.masked) metrics.masks.inc({ label });
    return evidence;
  }

  async #isAdmitted(id: string, result: FrameDetections): Promise<boolean> {
    const { gate, waiting, frames, clock } = this.#options;
    const admission = gate.admit(result, { isReply: waiting.wasReturned(id) });
    if (admission === 'admitted') return true;
    if (admission === 'outdated' && waiting.mayReturn(id, clock())) await this.returnToInference(id);
    if (admission !== 'waits') return false;
    // A live source has new frames to show a new model with; its old ones make way, and their detections with them.
    if (result.frame.guarantee === 'guaranteed') waiting.add(id, result.frame.source, clock());
    else if (!(await frames.has(id))) await this.#settleOrphan(id, result.frame.source);
    return false;
  }

  /**
   * Lets inference look at the frame again, with whatever model runs now: it infers every frame that has no
   * detections.
   */
  async returnToInference(id: string): Promise<void> {
    const { detections, waiting, metrics, clock } = this.#options;
    waiting.noteReturn(id, clock());
    await detections.settle(id);
    metrics.reinferred.inc({ reason: 'labels-missing' });
  }

  /** Undefined when the frame has to be left for now, or has been dealt with. */
  async #readDetections(id: string): Promise<FrameDetections | undefined> {
    const { detections, log } = this.#options;
    try {
      const item = await detections.read(id);
      if (item === undefined) return undefined;
      const parsed = frameDetectionsSchema.safeParse(item.meta);
      if (parsed.success && parsed.data.frame.id === id) {
        this.#unreadable.delete(id);
        return parsed.data;
      }
      await this.#quarantine(
        id,
        undefined,
        new RejectedError('DETECTIONS_INVALID', 'what inference wrote about the frame does not parse', {
          details: { issues: parsed.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) },
        }),
      );
    } catch (error) {
      if (error instanceof RejectedError) await this.#discardDetections(id, error);
      else if (isForNow(error)) log.warn('detections cannot be read', { id, error });
      else throw error;
    }
    return undefined;
  }

  /**
   * They are not durable, so a power cut may leave a torn file: made again by inference. A disk that tears each time
   * ends in quarantine.
   */
  async #discardDetections(id: string, error: RejectedError): Promise<void> {
    const { detections, metrics, log } = this.#options;
    const times = (this.#unreadable.get(id) ?? 0) + 1;
    if (times >= MAX_UNREADABLE) {
      this.#unreadable.delete(id);
      return this.#quarantine(id, undefined, error);
    }
    this.#unreadable.set(id, times);
    await detections.settle(id);
    metrics.reinferred.inc({ reason: 'unreadable' });
    log.warn('detections unreadable, inferred again', { id, error });
  }

  async #quarantine(id: string, source: string | undefined, error: RejectedError): Promise<void> {
    const { frames, detections, ledger, waiting, metrics, log, clock } = this.#options;
    await frames.quarantine(id, { code: error.code, message: error.message, details: error.details });
    await detections.settle(id);
    ledger.forget(id, clock());
    waiting.forget(id);
    metrics.quarantined.inc({ reason: error.code });
    log.warn('frame quarantined', { id, source, error });
  }

  async #timed<T>(stage: string, work: Promise<T>): Promise<T> {
    const started = performance.now();
    const value = await work;
    this.#options.metrics.stageSeconds.observe({ stage }, (performance.now() - started) / 1000);
    return value;
  }
}

/** The frame stays where it is and a later sweep comes back to it. */
function isForNow(error: unknown): error is TransientError | ConfigError {
  return error instanceof TransientError || error instanceof ConfigError;
}
