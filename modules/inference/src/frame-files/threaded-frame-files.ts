import { Worker } from 'node:worker_threads';
import { type FrameDetections, InternalError } from '@edgeveil/contracts';
import type { QuarantineReason, StoreItem } from '@edgeveil/frame-store';
import type { QueuedFrame } from '../frame-queue.ts';
import { fromTransferredError } from '../transferred-error.ts';
import type { FilesReply, FilesRequest } from './files-protocol.ts';
import type { Claimed, FrameFiles, Taken } from './frame-files.ts';
import type { FrameFilesPlace } from './stored-frame-files.ts';

const WORKER_FILE = new URL('./frame-files-worker.ts', import.meta.url);

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** {@link FrameFiles} on a thread of their own. When that dies, which is a bug, everything is refused with an InternalError. */
export class ThreadedFrameFiles implements FrameFiles {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #lastId = 0;
  #death: InternalError | undefined;

  constructor(place: FrameFilesPlace) {
    this.#worker = new Worker(WORKER_FILE, { name: 'frame-files', workerData: place });
    this.#worker.on('message', (reply: FilesReply) => this.#settle(reply));
    this.#worker.on('error', (cause) => this.#die(cause.message, cause));
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#die(`exit code ${code}`);
        resolve();
      });
    });
  }

  describe(ids: readonly string[]): Promise<readonly QueuedFrame[]> {
    return this.#call('describe', ids);
  }

  claim(id: string): Promise<Claimed> {
    return this.#call('claim', id);
  }

  async read(id: string): Promise<StoreItem | undefined> {
    const item = await this.#call('read', id);
    return item && withBuffer(item);
  }

  async take(id: string): Promise<Taken> {
    const taken = await this.#call('take', id);
    return taken.outcome === 'taken' ? { ...taken, item: withBuffer(taken.item) } : taken;
  }

  put(result: FrameDetections): Promise<void> {
    return this.#call('put', result);
  }

  giveBack(id: string): Promise<void> {
    return this.#call('giveBack', id);
  }

  drop(id: string): Promise<boolean> {
    return this.#call('drop', id);
  }

  quarantine(id: string, reason: Omit<QuarantineReason, 'at'>): Promise<void> {
    return this.#call('quarantine', id, reason);
  }

  /** After what was asked before. */
  async close(): Promise<void> {
    if (this.#death === undefined) {
      await this.#call('close');
    }
    await this.#exited;
  }

  async #call<M extends keyof FrameFiles>(
    method: M,
    ...args: Parameters<FrameFiles[M]>
  ): Promise<Awaited<ReturnType<FrameFiles[M]>>> {
    if (this.#death !== undefined) {
      throw this.#death;
    }
    this.#lastId += 1;
    const id = this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    this.#worker.postMessage({ id, method, args } satisfies FilesRequest);
    return (await promise) as Awaited<ReturnType<FrameFiles[M]>>;
  }

  #settle(reply: FilesReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('error' in reply) {
      waiting?.reject(fromTransferredError(reply.error));
    } else {
      waiting?.resolve(reply.value);
    }
  }

  #die(reason: string, cause?: unknown): void {
    this.#death ??= new InternalError('FRAME_FILES_LOST', `the thread of the frames' files died: ${reason}`, { cause });
    for (const { reject } of this.#waiting.values()) {
      reject(this.#death);
    }
    this.#waiting.clear();
  }
}

/** A buffer comes out of another thread as the plain array that it is made of. */
function withBuffer(item: StoreItem): StoreItem {
  const { buffer, byteOffset, byteLength } = item.payload;
  return { ...item, payload: Buffer.from(buffer, byteOffset, byteLength) };
}
