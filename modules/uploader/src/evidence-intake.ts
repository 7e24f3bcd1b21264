import { ConfigError, RejectedError, TransientError } from '@edgeveil/contracts';
import type { FileStore } from '@edgeveil/frame-store';
import { type Log, mapLimit } from '@edgeveil/module-kit';
import { Alarm } from './alarm.ts';
import { type CheckedEvidence, checkEvidence, spooledBytes } from './checked-evidence.ts';
import type { Spool } from './spool.ts';
import type { UploaderMetrics } from './uploader-metrics.ts';

/** Why nothing is taken in: the spool is at its bound, its disk takes no more, or a store may not be used. */
export interface IntakeBlock {
  readonly code: 'SPOOL_FULL' | 'SPOOL_DISK_FULL' | 'STORE_NOT_ACCESSIBLE';
  readonly message: string;
}

export interface EvidenceIntakeOptions {
  readonly evidence: Pick<FileStore, 'pending' | 'read' | 'settle' | 'quarantine'>;
  readonly spool: Pick<Spool, 'add' | 'bytes'>;
  /** Bound of the spool in bytes. */
  readonly maxSpoolBytes: number;
  readonly metrics: UploaderMetrics;
  readonly log: Log;
  /** Called for each item that the spool has taken. */
  readonly onSpooled: () => void;
  /** Called when the spool stops to take evidence, with the reason, and when it takes some again. */
  readonly onBlock: (block: IntakeBlock | undefined) => void;
  /** Called when an item has been set aside for good. */
  readonly onQuarantined: (id: string, reason: RejectedError) => void;
}

/** A spool that was full is called so until it is this far below its bound: at the bound it would change with each item. */
const CLEAR_SHARE = 0.9;

const DISK_FULL = ['STORE_DISK_FULL', 'SPOOL_LEDGER_UNWRITABLE'];

/** Items copied at once: enough to share the cost of flushing to disk. */
const CONCURRENCY = 4;

/**
 * Moves evidence from its store into the spool: checked, copied durably, then settled. A crash between any two of these repeats the
 * item, and the spool has it once. At the spool's bound evidence stays in its store, so that redaction and in the end the
 * sources are slowed; nothing is dropped.
 */
export class EvidenceIntake {
  readonly #options: EvidenceIntakeOptions;
  /** Announced and swept ids meet here, so that none is copied twice at once. */
  readonly #taking = new Set<string>();
  readonly #room = new Alarm();
  #maxSpoolBytes: number;
  /** Bytes of items that are being copied. */
  #reserved = 0;
  #block: IntakeBlock | undefined;
  #unreadable = 0;

  constructor(options: EvidenceIntakeOptions) {
    this.#options = options;
    this.#maxSpoolBytes = options.maxSpoolBytes;
  }

  get block(): IntakeBlock | undefined {
    return this.#block;
  }

  apply({ maxSpoolBytes }: { readonly maxSpoolBytes: number }): void {
    this.#maxSpoolBytes = maxSpoolBytes;
    this.madeRoom();
  }

  /** The spool has become smaller. */
  madeRoom(): void {
    this.#room.ring();
    const isClear = this.#options.spool.bytes <= this.#maxSpoolBytes * CLEAR_SHARE;
    if (isClear && this.#block?.code === 'SPOOL_FULL') this.#setBlock(undefined);
  }

  /** Takes what a message announced. While the spool is full it is left to the sweep, which waits. */
  async takeAnnounced(ids: readonly string[], signal: AbortSignal): Promise<void> {
    if (this.#block === undefined) await this.#takeAll(ids, signal);
  }

  /** Takes everything that the evidence store holds, oldest first; waits while the spool is full. */
  async sweep(signal: AbortSignal): Promise<void> {
    const unreadableBefore = this.#unreadable;
    this.#unreadable = 0;
    const isUnhindered = await this.#takeAll(this.#options.evidence.pending(), signal);
    // Not sooner: on a disk that is all but full it would change with each item
    if (isUnhindered && this.#block?.code !== 'SPOOL_FULL') this.#setBlock(undefined);
    if (this.#unreadable > 0 && this.#unreadable !== unreadableBefore) {
      this.#options.log.error('evidence cannot be opened', { items: this.#unreadable });
    }
  }

  /** @returns false when something stood in the way; all of it is tried again by the next sweep. */
  async #takeAll(ids: AsyncIterable<string> | Iterable<string>, signal: AbortSignal): Promise<boolean> {
    try {
      await mapLimit(ids, CONCURRENCY, (id) => this.#takeOnce(id, signal), signal);
      return true;
    } catch (error) {
      if (error instanceof ConfigError) {
        this.#setBlock({ code: 'STORE_NOT_ACCESSIBLE', message: error.message });
      } else if (error instanceof TransientError && DISK_FULL.includes(error.code)) {
        this.#setBlock({ code: 'SPOOL_DISK_FULL', message: error.message });
      } else if (error instanceof TransientError) {
        this.#options.log.warn('evidence not taken for now', { error });
      } else throw error;
      return false;
    }
  }

  async #takeOnce(id: string, signal: AbortSignal): Promise<void> {
    if (this.#taking.has(id)) return;
    this.#taking.add(id);
    try {
      await this.#take(id, signal);
    } finally {
      this.#taking.delete(id);
    }
  }

  async #take(id: string, signal: AbortSignal): Promise<void> {
    const { evidence, metrics, onSpooled } = this.#options;
    const item = await this.#read(id);
    if (item === undefined) return;
    const bytes = spooledBytes(item);
    if (!(await this.#waitForRoom(bytes, signal))) return;
    const outcome = await this.#add(item, bytes);
    // An older version is on its way: the next sweep brings this one
    if (outcome === 'busy') return;
    await evidence.settle(id);
    if (outcome === 'stored') metrics.spooled.inc();
    onSpooled();
  }

  async #add(item: CheckedEvidence, bytes: number): Promise<'stored' | 'exists' | 'busy'> {
    this.#reserved += bytes;
    try {
      return await this.#options.spool.add(item);
    } finally {
      this.#reserved -= bytes;
      this.#room.ring();
    }
  }

  /** What cannot be read, for want of its key or for a bad sector, waits, and does not keep others waiting. */
  async #read(id: string): Promise<CheckedEvidence | undefined> {
    const { evidence, log } = this.#options;
    try {
      const item = await evidence.read(id);
      return item === undefined ? undefined : checkEvidence(item);
    } catch (error) {
      if (error instanceof RejectedError) {
        await this.#quarantine(id, error);
      } else if (error instanceof ConfigError || error instanceof TransientError) {
        this.#unreadable += 1;
        log.debug('evidence cannot be opened', { id, error });
      } else throw error;
      return undefined;
    }
  }

  async #quarantine(id: string, reason: RejectedError): Promise<void> {
    const { code, message, details } = reason;
    try {
      await this.#options.evidence.quarantine(id, { code, message, details });
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      // The evidence store's disk may be full, and it is the intake of the others that makes room there
      return this.#options.log.warn('evidence not quarantined for now', { id, reason: code, error });
    }
    this.#options.onQuarantined(id, reason);
  }

  /** @returns false when the signal came first. An item larger than the bound is let into an empty spool. */
  async #waitForRoom(bytes: number, signal: AbortSignal): Promise<boolean> {
    const { spool } = this.#options;
    while (!signal.aborted) {
      const used = spool.bytes + this.#reserved;
      if (used === 0 || used + bytes <= this.#maxSpoolBytes) return true;
      this.#setBlock({
        code: 'SPOOL_FULL',
        message: `the spool holds ${used} of at most ${this.#maxSpoolBytes} bytes`,
      });
      await this.#room.wait(undefined, signal);
    }
    return false;
  }

  #setBlock(block: IntakeBlock | undefined): void {
    const isChange = block?.code !== this.#block?.code;
    this.#block = block;
    if (isChange) this.#options.onBlock(block);
  }
}
