import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, RejectedError, TransientError } from '@edgeveil/contracts';
import { FileStore, type Keyring } from '@edgeveil/frame-store';
import type { Log } from '@edgeveil/module-kit';
import { type CheckedEvidence, checkEvidence, parseEvidenceMeta, spooledBytes, versionOf } from './checked-evidence.ts';
import { type NewSpoolEntry, type SpoolEntry, SpoolLedger } from './spool-ledger.ts';

export interface SpoolOptions {
  readonly dir: string;
  readonly keyring: Keyring;
  readonly log: Log;
}

export interface SpoolUsage {
  readonly items: number;
  /** Of pictures and receipts, before sealing. */
  readonly bytes: number;
  /** Capture time of the oldest item. */
  readonly oldest: string | undefined;
}

/**
 * Evidence on its way to the cloud: sealed files, and a ledger of their order. A file is written before its row and a row is
 * deleted before its file, so a crash leaves a file too many rather than a row too many: it is taken up again, and the
 * destination finds that it has it.
 */
export class Spool {
  readonly #files: FileStore;
  readonly #ledger: SpoolLedger;
  /** Items that are being delivered, so may not be replaced, or replaced, so may not be delivered. */
  readonly #busy = new Set<string>();

  private constructor(files: FileStore, ledger: SpoolLedger) {
    this.#files = files;
    this.#ledger = ledger;
  }

  /**
   * Opens or creates it and brings files and ledger together again. When the disk takes no ledger (it may be full of the very
   * pictures that are to leave), one in memory serves this life of the module.
   */
  static async open({ dir, keyring, log }: SpoolOptions): Promise<Spool> {
    await mkdir(dir, { recursive: true });
    const files = await FileStore.open({ dir: join(dir, 'files'), keyring });
    try {
      const ledger = await SpoolLedger.open(join(dir, 'spool.db'), (error) =>
        log.warn('spool ledger damaged and made again from the files', { error }),
      );
      return await Spool.#openWith(files, ledger, log);
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      log.error('spool ledger cannot be written and is kept in memory', { error });
      return Spool.#openWith(files, SpoolLedger.openInMemory(), log);
    }
  }

  static async #openWith(files: FileStore, ledger: SpoolLedger, log: Log): Promise<Spool> {
    const spool = new Spool(files, ledger);
    try {
      await spool.#reconcile(log);
      return spool;
    } catch (error) {
      ledger.close();
      throw error;
    }
  }

  usage(): SpoolUsage {
    const oldestId = this.#ledger.oldestId();
    return {
      items: this.#ledger.items,
      bytes: this.#ledger.bytes,
      oldest: oldestId === undefined ? undefined : new Date(Number.parseInt(oldestId.slice(0, 9), 36)).toISOString(),
    };
  }

  get bytes(): number {
    return this.#ledger.bytes;
  }

  /**
   * Takes evidence in, durably. An item of the same id and content is there once; other content (made with another model)
   * replaces it, unless it is being delivered just then: `busy`, come again later.
   * @throws TransientError `STORE_DISK_FULL`.
   */
  async add(item: CheckedEvidence): Promise<'stored' | 'exists' | 'busy'> {
    const { id } = item.evidence;
    const version = versionOf(item.receipt);
    if (this.#ledger.get(id)?.version === version && (await this.#files.has(id))) return 'exists';
    if (this.#busy.has(id)) return 'busy';
    this.#busy.add(id);
    try {
      const { evidence, receipt, picture } = item;
      const file = { id, meta: { evidence, receipt }, payload: picture };
      while ((await this.#files.put(file, { durable: true })) === 'exists') {
        // Older content. The evidence store still has the newer one, so a crash between these steps only repeats them
        await this.#files.settle(id);
      }
      await this.#enter({ id, version, bytes: spooledBytes(item) });
      return 'stored';
    } finally {
      this.#busy.delete(id);
    }
  }

  /** The next to deliver: due at `now`, oldest first, not under way. */
  next(now: number): SpoolEntry | undefined {
    return this.#firstIdle(this.#ledger.due(now, this.#busy.size + 1));
  }

  /** One to try the destination with: another one each time, so that a bad item cannot stand in everybody's way. */
  nextToTry(): SpoolEntry | undefined {
    return this.#firstIdle(this.#ledger.longestWaiting(this.#busy.size + 1));
  }

  nextDueAfter(now: number): number | undefined {
    return this.#ledger.nextDueAfter(now);
  }

  /** Marks an item as under way; `end` must follow. */
  begin(id: string): void {
    this.#busy.add(id);
  }

  end(id: string): void {
    this.#busy.delete(id);
  }

  /**
   * The item, checked again: nothing leaves on the word of the disk. Undefined when its file is gone.
   * @throws RejectedError when the file is torn, tampered with, or does not match its receipt; ConfigError when its key is unknown.
   */
  async read(id: string): Promise<CheckedEvidence | undefined> {
    const item = await this.#files.read(id);
    return item === undefined ? undefined : checkEvidence(item);
  }

  /** Counts an attempt before it is made. On a full disk it is made uncounted: it is what makes room. */
  countAttempt(id: string): void {
    ignoringUnwritable(() => this.#ledger.countAttempt(id));
  }

  defer(id: string, until: number): void {
    this.#ledger.defer(id, until);
  }

  countRejection(id: string, now: number): void {
    this.#ledger.countRejection(id, now);
  }

  /** Makes everything due at once. */
  releaseAll(): void {
    this.#ledger.releaseAll();
  }

  /** The cloud has it. On a full disk, where no row can be deleted, the file goes all the same: that makes room for the rest. */
  async complete(id: string): Promise<void> {
    ignoringUnwritable(() => this.#ledger.delete(id));
    await this.#files.settle(id);
  }

  /** Forgets a row whose file is gone. */
  forget(id: string): void {
    this.#ledger.delete(id);
  }

  /** Sets an item aside for good, with its reason. */
  async quarantine(id: string, reason: RejectedError): Promise<void> {
    await this.#files.quarantine(id, { code: reason.code, message: reason.message, details: reason.details });
    ignoringUnwritable(() => this.#ledger.delete(id));
  }

  async close(): Promise<void> {
    await this.#files.close();
    this.#ledger.close();
  }

  #firstIdle(entries: readonly SpoolEntry[]): SpoolEntry | undefined {
    return entries.find(({ id }) => !this.#busy.has(id));
  }

  /** Without a row the file would only fill the disk; the evidence store still has it. */
  async #enter(entry: NewSpoolEntry): Promise<void> {
    try {
      this.#ledger.put(entry);
    } catch (error) {
      await this.#files.settle(entry.id);
      throw error;
    }
  }

  async #reconcile(log: Log): Promise<void> {
    const rows = new Set(this.#ledger.ids());
    let adopted = 0;
    for await (const id of this.#files.pending()) {
      if (!rows.delete(id) && (await this.#adopt(id, log))) adopted += 1;
    }
    for (const id of rows) this.#ledger.delete(id);
    if (adopted > 0) log.info('spool files without a row taken up', { items: adopted });
    if (rows.size > 0) log.warn('spool rows without a file dropped', { items: rows.size });
  }

  /** Makes a row for a file. The picture itself is checked when it is read to be delivered. */
  async #adopt(id: string, log: Log): Promise<boolean> {
    try {
      const meta = await this.#files.readMeta(id);
      if (meta === undefined) return false;
      const parsed = parseEvidenceMeta(id, meta);
      this.#ledger.put({ id, version: versionOf(parsed.receipt), bytes: spooledBytes(parsed) });
      return true;
    } catch (error) {
      if (error instanceof RejectedError) {
        log.warn('spool file quarantined', { id, error });
        await this.quarantine(id, error);
      } else if (error instanceof ConfigError) {
        log.error('spool file cannot be opened', { id, error });
      } else throw error;
      return false;
    }
  }
}

function ignoringUnwritable(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
  }
}
