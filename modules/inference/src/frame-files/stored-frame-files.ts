import { join } from 'node:path';
import { type FrameDetections, frameSchema, RejectedError } from '@edgeveil/contracts';
import {
  blockingFiles,
  FileStore,
  Keyring,
  type Lease,
  type QuarantineReason,
  type StoreItem,
} from '@edgeveil/frame-store';
import { type QueuedFrame, queuedFrame } from '../frame-queue.ts';
import type { Claimed, FrameFiles, Taken } from './frame-files.ts';

/** A dead process's lease is taken over at once by the next one of the module; this bounds a hung one. */
const LEASE_MS = 300_000;

/** Where the files are, and who works on them. */
export interface FrameFilesPlace {
  /** Folder of the stores `frames` and `detections`. */
  readonly framesDir: string;
  readonly keyFile: string;
  /** As `ClaimOptions` of the store. */
  readonly owner: string;
  readonly instance: string;
}

export interface FrameFilesParts extends Pick<FrameFilesPlace, 'owner' | 'instance'> {
  readonly frames: Pick<FileStore, 'claim' | 'close' | 'quarantine' | 'read' | 'readMeta' | 'settle'>;
  readonly detections: Pick<FileStore, 'close' | 'has' | 'put'>;
}

/** Frames and detections in their stores. */
export class StoredFrameFiles implements FrameFiles {
  readonly #parts: FrameFilesParts;
  readonly #leases = new Map<string, Lease>();

  constructor(parts: FrameFilesParts) {
    this.#parts = parts;
  }

  /** For a thread that does nothing else: files are touched on it. */
  static async open({ framesDir, keyFile, owner, instance }: FrameFilesPlace): Promise<StoredFrameFiles> {
    const keyring = await Keyring.open(keyFile);
    const open = (name: string): Promise<FileStore> =>
      FileStore.open({ dir: join(framesDir, name), keyring, files: blockingFiles });
    return new StoredFrameFiles({
      frames: await open('frames'),
      detections: await open('detections'),
      owner,
      instance,
    });
  }

  async describe(ids: readonly string[]): Promise<readonly QueuedFrame[]> {
    const described = await Promise.all(ids.map((id) => this.#describe(id)));
    return described.filter((each) => each !== undefined);
  }

  async claim(id: string): Promise<Claimed> {
    const { frames, detections, owner, instance } = this.#parts;
    const lease = await frames.claim(id, { owner, instance, leaseMs: LEASE_MS });
    if (lease === undefined) {
      return { outcome: 'gone' };
    }
    this.#leases.set(id, lease);
    return this.#orGiveBack(id, async () => {
      if (await detections.has(id)) {
        await this.giveBack(id);
        return { outcome: 'inferred' };
      }
      return { outcome: 'claimed', attempt: lease.attempt };
    });
  }

  read(id: string): Promise<StoreItem | undefined> {
    return this.#parts.frames.read(id);
  }

  async take(id: string): Promise<Taken> {
    const claimed = await this.claim(id);
    if (claimed.outcome !== 'claimed') {
      return claimed;
    }
    if (claimed.attempt > 1) {
      await this.giveBack(id);
      return { outcome: 'suspect' };
    }
    return this.#orGiveBack(id, async () => {
      const item = await this.read(id);
      if (item === undefined) {
        await this.giveBack(id);
        return { outcome: 'gone' };
      }
      return { outcome: 'taken', item };
    });
  }

  async put(result: FrameDetections): Promise<void> {
    const { id } = result.frame;
    // Not durable: after a power cut they are made again from the frame, which is. Two fsyncs would cost more than the run.
    await this.#parts.detections.put({ id, meta: result, payload: Buffer.alloc(0) }, { durable: false });
    await this.giveBack(id);
  }

  async giveBack(id: string): Promise<void> {
    const lease = this.#leases.get(id);
    this.#leases.delete(id);
    await lease?.release();
  }

  async drop(id: string): Promise<boolean> {
    const { outcome } = await this.claim(id);
    if (outcome !== 'claimed') {
      return false;
    }
    return this.#orGiveBack(id, async () => {
      await this.#parts.frames.settle(id);
      this.#leases.delete(id);
      return true;
    });
  }

  async quarantine(id: string, reason: Omit<QuarantineReason, 'at'>): Promise<void> {
    await this.#parts.frames.quarantine(id, reason);
    this.#leases.delete(id);
  }

  async close(): Promise<void> {
    const { frames, detections } = this.#parts;
    await Promise.all([frames.close(), detections.close()]);
  }

  async #describe(id: string): Promise<QueuedFrame | undefined> {
    try {
      const meta = await this.#parts.frames.readMeta(id);
      const frame = frameSchema.safeParse(meta).data;
      return meta === undefined ? undefined : frame === undefined ? { id, source: '' } : queuedFrame(frame);
    } catch (error) {
      if (error instanceof RejectedError) {
        return { id, source: '' };
      }
      throw error;
    }
  }

  /** A frame that is damaged stays claimed, for whoever sets it aside. */
  async #orGiveBack<T>(id: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RejectedError)) {
        // That the claim cannot be removed either is no news; it runs out by itself.
        await this.giveBack(id).catch(() => undefined);
      }
      throw error;
    }
  }
}
