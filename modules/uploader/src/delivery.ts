import { ConfigError, EdgeveilError, RejectedError, TransientError, type Upload } from '@edgeveil/contracts';
import { type Log, pause } from '@edgeveil/module-kit';
import { Alarm } from './alarm.ts';
import type { CheckedEvidence } from './checked-evidence.ts';
import type { Circuit } from './circuit.ts';
import type { Delivered, Destination } from './destination.ts';
import { type RetryConfig, retryDelayMs } from './retry-delay.ts';
import type { Spool } from './spool.ts';
import type { SpoolEntry } from './spool-ledger.ts';
import type { UploaderMetrics } from './uploader-metrics.ts';

export interface DeliveryConfig {
  readonly concurrency: number;
  readonly retry: RetryConfig;
}

export interface DeliveryOptions {
  readonly spool: Spool;
  readonly destination: Destination;
  readonly circuit: Circuit;
  readonly config: DeliveryConfig;
  readonly metrics: UploaderMetrics;
  readonly log: Log;
  /** Monotonic, in whole ms: what waits must not wait for a clock that was set back. */
  readonly now: () => number;
  readonly random: () => number;
  /** Aborted when stopping starts: nothing new is begun. */
  readonly signal: AbortSignal;
  /** Called when the cloud has an item and the spool no longer. */
  readonly onUploaded: (upload: Upload) => void;
  /** Called when the spool has become smaller. */
  readonly onRemoved: () => void;
  /** Called when an item has been set aside for good. */
  readonly onQuarantined: (id: string, reason: RejectedError) => void;
  /** Called with what must not happen. */
  readonly onBug: (error: unknown) => void;
}

/** Refusals after which an item is set aside, if others got through in the meantime. */
const MAX_REJECTIONS = 5;

/** So often at least the loop shows that it is alive. */
const MAX_SLEEP_MS = 10_000;

/** The loop that empties the spool: oldest first, several at a time, none of them in the way of the others. */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #alarm = new Alarm();
  readonly #underWay = new Set<Promise<void>>();
  /** Aborts deliveries that are under way when the grace of a stop has run out. */
  readonly #abort = new AbortController();
  #config: DeliveryConfig;
  #lastDeliveredAt = Number.NEGATIVE_INFINITY;
  /** Why the last file could not be read: with a lost key that is every file, and told once. */
  #readTrouble: string | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#config = options.config;
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  /** Runs until stopping starts; what is under way then is left to `drain`. Rejects on a bug only. */
  async run(beat: () => void): Promise<void> {
    const { circuit, signal } = this.#options;
    while (!signal.aborted) {
      beat();
      if (circuit.isCheckDue()) await this.#check();
      if (!signal.aborted) this.#fill();
      await this.#alarm.wait(this.#idleMs(), signal);
    }
  }

  /** Something may be due: a new item, a new twin. */
  wake(): void {
    this.#alarm.ring();
  }

  apply(config: DeliveryConfig): void {
    this.#config = config;
    this.#options.circuit.apply(config.retry);
    this.wake();
  }

  /** Tries everything now, whatever it was waiting for. */
  flush(): void {
    this.#options.spool.releaseAll();
    this.#options.circuit.retryNow();
    this.wake();
  }

  /** Waits for what is under way; when `signal` is aborted it is given up and stays in the spool. */
  async drain(signal: AbortSignal): Promise<void> {
    const giveUp = (): void => this.#abort.abort(signal.reason);
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
    await Promise.all(this.#underWay);
    signal.removeEventListener('abort', giveUp);
  }

  async #check(): Promise<void> {
    const { circuit, destination, signal, spool } = this.#options;
    try {
      await destination.check(signal);
      circuit.checked({ hasItems: spool.usage().items > 0 });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof EdgeveilError)) throw error;
      circuit.failed(error);
    }
  }

  #fill(): void {
    const { circuit, spool, now } = this.#options;
    while (this.#underWay.size < circuit.slots(this.#config.concurrency)) {
      const entry = circuit.state === 'trial' ? spool.nextToTry() : spool.next(now());
      if (entry === undefined) return;
      spool.begin(entry.id);
      const attempt = this.#attemptSafely(entry).finally(() => {
        spool.end(entry.id);
        this.#underWay.delete(attempt);
        this.wake();
      });
      this.#underWay.add(attempt);
    }
  }

  /** A local disk that fails must neither end the module nor make it spin: the slot stays taken for a while. */
  async #attemptSafely(entry: SpoolEntry): Promise<void> {
    try {
      await this.#attempt(entry);
    } catch (error) {
      if (!(error instanceof TransientError || error instanceof ConfigError)) return this.#options.onBug(error);
      this.#options.log.error('spool cannot be written', { id: entry.id, error });
      await pause(this.#config.retry.maxDelayMs, this.#options.signal);
    }
  }

  /** Until the next thing that comes by itself; what ends, is added or is changed wakes. */
  #idleMs(): number {
    const { circuit, spool, now } = this.#options;
    const at = circuit.retryAt ?? spool.nextDueAfter(now()) ?? Number.POSITIVE_INFINITY;
    return Math.min(Math.max(at - now(), 0), MAX_SLEEP_MS);
  }

  async #attempt(entry: SpoolEntry): Promise<void> {
    const { metrics, onRemoved, onUploaded, spool } = this.#options;
    const evidence = await this.#read(entry);
    if (evidence === undefined) return;
    const delivered = await this.#deliver(entry, evidence);
    if (delivered === undefined) return;
    await spool.complete(entry.id);
    onRemoved();
    metrics.uploaded.inc();
    metrics.uploadedBytes.inc(delivered.sentBytes);
    const { id, source, bytes } = evidence.evidence;
    const { container, blob } = delivered;
    onUploaded({ id, source, bytes, container, blob, uploadedAt: new Date().toISOString() });
  }

  /** Undefined when it failed, which is seen to, or was given up. */
  async #deliver(entry: SpoolEntry, evidence: CheckedEvidence): Promise<Delivered | undefined> {
    const { circuit, destination, metrics, spool, now } = this.#options;
    const { signal } = this.#abort;
    spool.countAttempt(entry.id);
    metrics.attempts.inc();
    const stopTimer = metrics.stageSeconds.startTimer({ stage: 'upload' });
    try {
      const delivered = await destination.deliver(evidence, { attempt: entry.attempts + 1, signal });
      stopTimer();
      this.#lastDeliveredAt = now();
      circuit.delivered();
      return delivered;
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!(error instanceof EdgeveilError)) throw error;
      await this.#failed(entry, error);
      return undefined;
    }
  }

  /** What its disk does wrong to an item says nothing about the destination. */
  async #read(entry: SpoolEntry): Promise<CheckedEvidence | undefined> {
    const { spool, log, now } = this.#options;
    try {
      const evidence = await spool.read(entry.id);
      if (evidence === undefined) {
        log.warn('spool file gone', { id: entry.id });
        spool.forget(entry.id);
      }
      this.#readTrouble = undefined;
      return evidence;
    } catch (error) {
      if (error instanceof RejectedError) {
        await this.#quarantine(entry, error);
      } else {
        const code = error instanceof EdgeveilError ? error.code : String(error);
        if (code !== this.#readTrouble) log.error('spool file cannot be read', { id: entry.id, error });
        this.#readTrouble = code;
        spool.defer(entry.id, now() + this.#config.retry.maxDelayMs);
      }
      return undefined;
    }
  }

  async #failed(entry: SpoolEntry, error: EdgeveilError): Promise<void> {
    const { circuit, log, metrics, random, spool, now } = this.#options;
    metrics.failures.inc({ code: error.code });
    log.debug('delivery failed', { id: entry.id, attempt: entry.attempts + 1, error });
    circuit.failed(error);
    if (error instanceof RejectedError) {
      // Only where others get through is the item itself to blame: a portal that refuses everything must not empty the spool
      const isItsFault = this.#lastDeliveredAt > (entry.rejectedSince ?? Number.POSITIVE_INFINITY);
      if (entry.rejections + 1 >= MAX_REJECTIONS && isItsFault) return this.#quarantine(entry, error);
      spool.countRejection(entry.id, now());
    }
    const waitMs = error instanceof TransientError ? (error.retryAfterMs ?? 0) : 0;
    const { retry } = this.#config;
    const delayMs = error instanceof ConfigError ? retry.maxDelayMs : retryDelayMs(entry.attempts + 1, retry, random);
    spool.defer(entry.id, now() + Math.max(delayMs, waitMs));
  }

  async #quarantine(entry: SpoolEntry, error: RejectedError): Promise<void> {
    await this.#options.spool.quarantine(entry.id, error);
    this.#options.onRemoved();
    this.#options.onQuarantined(entry.id, error);
  }
}
