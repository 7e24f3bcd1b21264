import { readdir } from 'node:fs/promises';
import { type ClaimOptions, Claims, type Lease } from './claims.ts';
import { DirectorySync } from './directory-sync.ts';
import { type FileOps, pooledFiles } from './file-ops.ts';
import { freeBytes } from './free-bytes.ts';
import { decodeHeader, HEADER_LENGTH, TAG_LENGTH } from './item-header.ts';
import type { Keyring } from './keyring.ts';
import { type ForeignContent, Quarantine, type QuarantineReason } from './quarantine.ts';
import { sealItem, unsealMeta, unsealPayload } from './seal-item.ts';
import { orAbsent, storeError } from './store-error.ts';
import { idOfItemName, StoreLayout } from './store-layout.ts';
import { TemporaryFiles, writeFully } from './temporary-files.ts';
import { type Usage, UsageOf } from './usage.ts';

export interface StoreItem {
  /** 1 to 128 of 0-9, a-z and `-`. Ids sort by time. */
  readonly id: string;
  /** JSON. */
  readonly meta: unknown;
  readonly payload: Buffer;
}

export interface FileStoreOptions {
  readonly dir: string;
  readonly keyring: Keyring;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  /** How files are touched; on Node's thread pool when not given. */
  readonly files?: FileOps;
}

export interface PutOptions {
  /** Survives a power cut once `put` resolves. False spares two fsyncs and survives the death of the process all the same. */
  readonly durable?: boolean;
}

export interface PendingOptions {
  /** Only items whose id carries a time at least this long ago. */
  readonly olderThanMs?: number;
}

/** One read gets header and metadata of all but the largest. */
const META_READ_BYTES = 16 * 1024;

/**
 * Sealed items as files in one directory, which several processes put, claim, read and settle at the same time. Every
 * operation may be repeated. Errors: TransientError STORE_DISK_FULL, STORE_IO; ConfigError STORE_NOT_ACCESSIBLE.
 */
export class FileStore {
  readonly #layout: StoreLayout;
  readonly #keyring: Keyring;
  readonly #clock: () => number;
  readonly #files: FileOps;
  readonly #temporary: TemporaryFiles;
  readonly #directory: DirectorySync;
  readonly #claims: Claims;
  readonly #quarantine: Quarantine;
  readonly #usage: UsageOf;
  #background: Promise<unknown> = Promise.resolve();

  private constructor(options: FileStoreOptions) {
    this.#layout = new StoreLayout(options.dir);
    this.#keyring = options.keyring;
    this.#clock = options.clock ?? Date.now;
    this.#files = options.files ?? pooledFiles;
    this.#temporary = new TemporaryFiles(this.#layout.temporary, this.#files);
    this.#directory = new DirectorySync(this.#layout.items);
    this.#claims = new Claims({
      layout: this.#layout,
      temporary: this.#temporary,
      files: this.#files,
      clock: this.#clock,
    });
    this.#quarantine = new Quarantine({ layout: this.#layout, temporary: this.#temporary, keyring: options.keyring });
    this.#usage = new UsageOf(this.#layout.items, this.#clock);
  }

  /** Creates the directories where missing and removes what killed processes left. */
  static async open(options: FileStoreOptions): Promise<FileStore> {
    const store = new FileStore(options);
    await store.#guard(async () => {
      await store.#layout.create();
      await store.#temporary.removeLeftOvers(store.#clock());
      const ids = new Set(await store.#ids());
      await store.#claims.removeOrphans((id) => ids.has(id));
    });
    return store;
  }

  /** After `exists` the item that was there is unchanged. On any error nothing is left behind. */
  async put(item: StoreItem, { durable = true }: PutOptions = {}): Promise<'stored' | 'exists'> {
    return this.#guard(async () => {
      if (await this.has(item.id)) {
        return 'exists';
      }
      const sealed = sealItem(item, this.#keyring);
      await this.#temporary.writeTo(this.#layout.item(item.id), (file) => writeFully(file, sealed), { durable });
      if (durable) {
        await this.#directory.request();
      }
      this.#usage.added(
        item.id,
        sealed.reduce((sum, { length }) => sum + length, 0),
      );
      return 'stored';
    });
  }

  async has(id: string): Promise<boolean> {
    const path = this.#layout.item(id);
    return this.#guard(() => this.#files.exists(path));
  }

  /**
   * `undefined` when the item is settled, quarantined or never was. Throws RejectedError STORE_ITEM_CORRUPT for a torn,
   * changed, renamed or foreign file, ConfigError STORE_KEY_UNKNOWN for one sealed with a key that is not in the ring.
   */
  async read(id: string): Promise<StoreItem | undefined> {
    return this.#guard(() => this.#readFrom(this.#layout.item(id), id));
  }

  /** As `read`, but the metadata only: the payload is neither read nor verified. */
  async readMeta(id: string): Promise<unknown> {
    return this.#guard(async () => {
      const file = await orAbsent(this.#files.open(this.#layout.item(id), 'r'));
      if (file === undefined) {
        return undefined;
      }
      try {
        const { size } = await file.stat();
        let start = Buffer.allocUnsafe(META_READ_BYTES);
        const { bytesRead } = await file.read(start, 0, start.length, 0);
        const header = decodeHeader(start.subarray(0, bytesRead), { id, length: size });
        const needed = HEADER_LENGTH + header.metaLength + TAG_LENGTH;
        if (needed > bytesRead) {
          start = Buffer.allocUnsafe(needed);
          await file.read(start, 0, needed, 0);
        }
        return unsealMeta(start, id, header, await this.#keyring.findFileKey(header.keyId, header.salt));
      } finally {
        await file.close();
      }
    });
  }

  /**
   * Takes an item for one consumer and raises its attempt count on disk before work starts, so that an item whose
   * processing kills the process is recognised: the caller quarantines it when `attempt` gets too high. `undefined`: it
   * is gone, or somebody else has it and their lease has not run out.
   */
  async claim(id: string, options: ClaimOptions): Promise<Lease | undefined> {
    return this.#guard(async () => {
      const lease = await this.#claims.take(id, options);
      if (lease !== undefined && !(await this.has(id))) {
        await this.#claims.forget(id);
        return undefined;
      }
      return lease;
    });
  }

  /**
   * The item is done with: it goes, and its claims. Not fsynced: after a power cut it may be back, and is then processed
   * again to the same result.
   */
  async settle(id: string): Promise<void> {
    await this.#guard(async () => {
      await orAbsent(this.#files.unlink(this.#layout.item(id)));
      this.#usage.removed(id);
      await this.#claims.forget(id);
    });
  }

  /** Sets an item aside for good, sealed as it is, with the reason in clear beside it. Durable. */
  async quarantine(id: string, reason: Omit<QuarantineReason, 'at'>): Promise<void> {
    await this.#guard(async () => {
      await this.#quarantine.moveItem(id, this.#dated(reason));
      this.#usage.removed(id);
      await this.#claims.forget(id);
    });
  }

  /**
   * Seals what never was an item straight into quarantine; a file is copied piece by piece. Durable. Throws
   * TransientError STORE_FILE_CHANGED when the file grew or shrank meanwhile.
   */
  async quarantineForeign(
    foreign: { readonly id: string; readonly meta: unknown; readonly content: ForeignContent },
    reason: Omit<QuarantineReason, 'at'>,
  ): Promise<void> {
    const { id, meta, content } = foreign;
    await this.#guard(() => this.#quarantine.putForeign(id, meta, content, this.#dated(reason)));
  }

  quarantined(): AsyncGenerator<{ id: string; reason: QuarantineReason }> {
    return this.#quarantine.list();
  }

  /** An item in quarantine; `undefined` when there is none of that id. Throws as `read`. */
  async readQuarantined(id: string): Promise<StoreItem | undefined> {
    return this.#guard(() => this.#readFrom(this.#layout.quarantined(id), id));
  }

  /** Ids of items as they were when the listing began, oldest first. Foreign files are skipped. */
  async *pending({ olderThanMs }: PendingOptions = {}): AsyncGenerator<string> {
    const ids = await this.#guard(async () => {
      await this.#temporary.removeLeftOvers(this.#clock());
      return this.#ids();
    });
    ids.sort();
    const before = olderThanMs === undefined ? undefined : this.#clock() - olderThanMs;
    for (const id of ids) {
      if (before === undefined || !(timeOf(id) > before)) {
        yield id;
      }
    }
  }

  /**
   * Usage as of the last listing, plus what this process has put and settled since. Where that listing is older than a
   * second (at 100 000 items, about ten), the next is started in the background.
   */
  usage(): Usage {
    if (this.#usage.isStale) {
      // Who wants to know of a failure calls refreshUsage; here the last figures stay.
      this.#background = this.#usage.refresh().catch(() => undefined);
    }
    return this.#usage.current;
  }

  /** Usage by a listing made now: 0.2 s at 100 000 items. */
  async refreshUsage(): Promise<Usage> {
    return this.#guard(() => this.#usage.refresh());
  }

  /** Waits for what runs in the background. Operations under way are their callers' to wait for. Claims stay; a store may be used after it. */
  async close(): Promise<void> {
    await this.#background;
    await this.#claims.close();
  }

  async #readFrom(path: string, id: string): Promise<StoreItem | undefined> {
    const file = await orAbsent(this.#files.readFile(path));
    if (file === undefined) {
      return undefined;
    }
    const header = decodeHeader(file, { id, length: file.length });
    const key = await this.#keyring.findFileKey(header.keyId, header.salt);
    const item = { id, meta: unsealMeta(file, id, header, key), payload: unsealPayload(file, id, header, key) };
    freeBytes(file);
    return item;
  }

  async #ids(): Promise<string[]> {
    const names = await readdir(this.#layout.items);
    return names.map(idOfItemName).filter((id) => id !== undefined);
  }

  #dated(reason: Omit<QuarantineReason, 'at'>): QuarantineReason {
    return { ...reason, at: new Date(this.#clock()).toISOString() };
  }

  async #guard<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw storeError(error, this.#layout.root);
    }
  }
}

/** Milliseconds since 1970 by an id's first nine base-36 digits; NaN where they are none. */
function timeOf(id: string): number {
  return /^[0-9a-z]{9}-/.test(id) ? Number.parseInt(id.slice(0, 9), 36) : Number.NaN;
}
