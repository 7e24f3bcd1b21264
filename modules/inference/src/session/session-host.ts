import { Worker } from 'node:worker_threads';
import { ConfigError, type EdgeveilError, InternalError, TransientError } from '@edgeveil/contracts';
import { fromTransferredError } from '../transferred-error.ts';
import type {
  PlacedPicture,
  RunResult,
  SessionInfo,
  SessionReply,
  SessionRequest,
  SessionSpec,
} from './session-protocol.ts';

const WORKER_FILE = new URL('./session-worker.ts', import.meta.url);

let leftBehind = 0;

/** Threads of this process that are stuck inside the runtime. It cannot end by itself while there are any: it would wait for them. */
export function threadsLeftBehind(): number {
  return leftBehind;
}

export interface SessionDeadlines {
  /** A session that is not open after this long is given up. */
  readonly openMs: number;
  /** A run that has not been answered after this long is hung. */
  readonly runMs: number;
}

export interface SessionHostOptions {
  readonly deadlines?: SessionDeadlines;
  /** Replaces the worker thread's file, for tests. */
  readonly workerFile?: URL;
}

const DEADLINES: SessionDeadlines = { openMs: 900_000, runMs: 30_000 };

interface Waiting {
  readonly resolve: (reply: SessionReply) => void;
  readonly reject: (error: Error) => void;
  readonly timeoutMs: number;
  /** The error of a request that was not answered in time. */
  readonly tooLong: () => EdgeveilError;
}

/**
 * A worker thread with a session; requests that it has not answered when it dies are refused. One that does not answer in
 * time counts as dead, and its thread is left behind: a thread inside the runtime cannot be ended, and one that is asked
 * to takes the whole process with it when the runtime returns (Node-API throws where nobody catches). If it does return,
 * it releases its session and ends.
 */
export class SessionHost {
  readonly #worker: Worker;
  readonly #deadlines: SessionDeadlines;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #lastId = 0;
  #death: TransientError | undefined;
  #isLeftBehind = false;
  /** Runs while a request waits: for the one that the worker is at, the oldest. */
  #deadline: NodeJS.Timeout | undefined;

  private constructor(worker: Worker, deadlines: SessionDeadlines) {
    this.#worker = worker;
    this.#deadlines = deadlines;
    this.#exited = new Promise((resolve) => {
      worker.once('exit', (code) => {
        this.#die(`exit code ${code}`);
        leftBehind -= this.#isLeftBehind ? 1 : 0;
        resolve();
      });
    });
    worker.on('error', (cause) => this.#die(cause.message, cause));
    worker.on('message', (reply: SessionReply) => {
      if (this.#isLeftBehind) {
        this.#worker.postMessage({ type: 'close', id: this.#nextId() } satisfies SessionRequest);
        return;
      }
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      this.#watchOldest();
      waiting?.resolve(reply);
    });
  }

  /**
   * Starts a worker and opens the session in it. Throws what {@link ModelSession.open} throws; nothing is left running
   * then. ConfigError MODEL_LOAD_TIMEOUT when that takes too long.
   */
  static async open(
    spec: SessionSpec,
    { deadlines = DEADLINES, workerFile = WORKER_FILE }: SessionHostOptions = {},
  ): Promise<{ readonly host: SessionHost; readonly info: SessionInfo }> {
    const host = new SessionHost(new Worker(workerFile, { name: 'inference-session' }), deadlines);
    try {
      const tooLong = (): ConfigError => {
        const found = `not loaded after ${deadlines.openMs / 1000} s`;
        return new ConfigError('MODEL_LOAD_TIMEOUT', `${spec.modelFile}: ${found}`, {
          details: { file: spec.modelFile, expected: 'a model that loads within watchdog.loadTimeoutSeconds', found },
        });
      };
      const reply = await host.#ask({ type: 'open', id: host.#nextId(), spec }, deadlines.openMs, tooLong);
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

  /** Whether the thread is stuck inside the runtime: only the end of the process ends it. */
  get isLeftBehind(): boolean {
    return this.#isLeftBehind;
  }

  /**
   * Runs in the order of the calls. TransientError INFERENCE_WORKER_LOST when the worker dies before it answers,
   * INFERENCE_RUN_HUNG when it does not answer in time, INFERENCE_RUN_FAILED when the runtime fails.
   */
  async run(pictures: readonly PlacedPicture[]): Promise<RunResult> {
    const { runMs } = this.#deadlines;
    const hung = (): TransientError =>
      new TransientError('INFERENCE_RUN_HUNG', `a run has not ended after ${runMs / 1000} s`, {
        details: { pictures: pictures.length, runMs },
      });
    const reply = await this.#ask({ type: 'run', id: this.#nextId(), pictures }, runMs, hung);
    if (reply.type !== 'ran') {
      throw new InternalError('SESSION_REPLY_UNEXPECTED', `asked to run, answered ${reply.type}`);
    }
    return reply.result;
  }

  /** Answers what was asked before, releases the session and ends the thread. */
  async close(): Promise<void> {
    if (this.isAlive) {
      // A worker that dies meanwhile, or fails to release, is gone as well.
      await this.#ask({ type: 'close', id: this.#nextId() }, this.#deadlines.runMs, closeTimedOut).catch(() =>
        this.#isLeftBehind ? undefined : this.#worker.terminate(),
      );
    }
    await (this.#isLeftBehind ? undefined : this.#exited);
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  async #ask(request: SessionRequest, timeoutMs: number, tooLong: () => EdgeveilError): Promise<SessionReply> {
    if (this.#death !== undefined) {
      throw this.#death;
    }
    const { promise, resolve, reject } = Promise.withResolvers<SessionReply>();
    this.#waiting.set(request.id, { resolve, reject, timeoutMs, tooLong });
    if (this.#waiting.size === 1) {
      this.#watchOldest();
    }
    this.#worker.postMessage(request);
    const reply = await promise;
    if (reply.type === 'failed') {
      throw fromTransferredError(reply.error);
    }
    return reply;
  }

  /** Requests are answered in their order: the time of each starts when the one before it has been answered. */
  #watchOldest(): void {
    clearTimeout(this.#deadline);
    const [oldest] = this.#waiting;
    if (oldest !== undefined) {
      const [id, { reject, timeoutMs, tooLong }] = oldest;
      this.#deadline = setTimeout(() => {
        const error = tooLong();
        this.#waiting.delete(id);
        this.#isLeftBehind = true;
        leftBehind += 1;
        this.#worker.unref();
        reject(error);
        this.#die(error.message, error);
      }, timeoutMs);
    }
  }

  #die(reason: string, cause?: unknown): void {
    this.#death ??= new TransientError('INFERENCE_WORKER_LOST', `the worker thread died: ${reason}`, { cause });
    clearTimeout(this.#deadline);
    for (const { reject } of this.#waiting.values()) {
      reject(this.#death);
    }
    this.#waiting.clear();
  }
}

function closeTimedOut(): TransientError {
  return new TransientError('INFERENCE_RUN_HUNG', 'the session was not released in time');
}
