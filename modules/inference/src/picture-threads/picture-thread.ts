import { Worker } from 'node:worker_threads';
import { TransientError } from '@edgeveil/contracts';
import type { PictureReply, PictureRequest } from './picture-protocol.ts';

const WORKER_FILE = new URL('./picture-worker.ts', import.meta.url);

/** A thread that works on one picture at a time. It keeps the process alive only while it works. */
export class PictureThread {
  readonly #worker = new Worker(WORKER_FILE, { name: 'picture' });
  #waiting: PromiseWithResolvers<PictureReply> | undefined;
  #death: TransientError | undefined;

  constructor() {
    this.#worker.on('message', (reply: PictureReply) => {
      this.#worker.unref();
      this.#waiting?.resolve(reply);
    });
    this.#worker.on('error', (cause) => {
      const message = `a thread that works on pictures died: ${cause.message}`;
      this.#death = new TransientError('PICTURE_THREAD_LOST', message, { cause });
      this.#waiting?.reject(this.#death);
    });
  }

  /** Not before the last picture is placed. @throws TransientError PICTURE_THREAD_LOST, which is the end of the thread */
  async place(request: PictureRequest): Promise<PictureReply> {
    if (this.#death !== undefined) {
      throw this.#death;
    }
    this.#waiting = Promise.withResolvers();
    this.#worker.ref();
    this.#worker.postMessage(request, 'bytes' in request ? [request.bytes.buffer] : []);
    return this.#waiting.promise;
  }
}
