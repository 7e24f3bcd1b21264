import { Worker } from 'node:worker_threads';
import { InternalError, TransientError } from '@edgeveil/contracts';
import type {
  PlacedPicture,
  RunResult,
  SessionInfo,
  SessionReply,
  SessionRequest,
  SessionSpec,
} from './session-protocol.ts';
import { fromTransferredError } from './transferred-error.ts';

const WORKER_FILE = new URL('./session-worker.ts', import.meta.url);

interface Waiting {
  readonly resolve: (reply: SessionReply) => void;
  readonly reject: (error: Error) => void;
}

/** A worker thread with a session; requests that it has not answered when it dies are refused. */
export class SessionHost {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #lastId = 0;
  #death: TransientError | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    this.#exited = new Promise((resolve) => {
      worker.once('exit', (code) => {
        this.#die(`exit code ${code}`);
        resolve();
      });
    });
    worker.on('error', (cause) => this.#die(cause.message, cause));
    worker.on('message', (reply: SessionReply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      waiting?.resolve(reply);
    });
  }

  /** Starts a worker and opens the session in it. Throws what {@link ModelSession.open} throws; nothing is left running then. */
  static async open(
    spec: SessionSpec,
    workerFile: URL = WORKER_FILE,
  ): Promise<{ readonly host: SessionHost; readonly info: SessionInfo }> {
    const host = new SessionHost(new Worker(workerFile, { name: 'inference-session' }));
    try {
      const reply = await host.#ask({ type: 'open', id: host.#nextId(), spec });
      if (reply.type !== 'opened') {
        throw new InternalError('SESSION_REPLY_UNEXPECTED', `asked to open, answered ${reply.type}`);
      }
      return { host, info: reply.info };
    } catch (error) {
      await host.close();
      throw error;
    }
  }

  /** False once the worker has died; then every request is refused, and another host must be opened. */
  get isAlive(): boolean {
    return this.#death === undefined;
  }

  /** TransientError INFERENCE_WORKER_LOST when the worker dies before it answers, INFERENCE_RUN_FAILED when the runtime fails. */
  async run(pictures: readonly PlacedPicture[]): Promise<RunResult> {
    const reply = await this.#ask({ type: 'run', id: this.#nextId(), pictures });
    if (reply.type !== 'ran') {
      throw new InternalError('SESSION_REPLY_UNEXPECTED', `asked to run, answered ${reply.type}`);
    }
    return reply.result;
  }

  /** Answers what was asked before, releases the session and ends the thread. */
  async close(): Promise<void> {
    if (this.isAlive) {
      // A worker that dies meanwhile, or fails to release, is gone as well.
      await this.#ask({ type: 'close', id: this.#nextId() }).catch(() => this.#worker.terminate());
    }
    await this.#exited;
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  async #ask(request: SessionRequest): Promise<SessionReply> {
    if (this.#death !== undefined) {
      throw this.#death;
    }
    const { promise, resolve, reject } = Promise.withResolvers<SessionReply>();
    this.#waiting.set(request.id, { resolve, reject });
    this.#worker.postMessage(request);
    const reply = await promise;
    if (reply.type === 'failed') {
      throw fromTransferredError(reply.error);
    }
    return reply;
  }

  #die(reason: string, cause?: unknown): void {
    this.#death ??= new TransientError('INFERENCE_WORKER_LOST', `the worker thread died: ${reason}`, { cause });
    for (const { reject } of this.#waiting.values()) {
      reject(this.#death);
    }
    this.#waiting.clear();
  }
}
