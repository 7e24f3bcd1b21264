import { randomUUID } from 'node:crypto';

export type TaskState = 'NotStarted' | 'Running' | 'Completed' | 'Failed' | 'Unknown';

/** What GetTaskStatus answers. */
export interface TaskStatus {
  readonly status: TaskState;
  readonly message: string;
  readonly correlationId: string;
}

// The oldest are forgotten first; asked for, they are Unknown.
const maxTasks = 100;
const timeLimitMs = 600_000;

/** What goes on after a method has been answered. */
export class BackgroundTasks {
  readonly #statuses = new Map<string, TaskStatus>();
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();

  /** Starts `work`, which must heed the signal. @returns how it stands now: not started */
  start(work: (signal: AbortSignal) => Promise<void>): TaskStatus {
    const correlationId = randomUUID();
    const status: TaskStatus = { status: 'NotStarted', message: '', correlationId };
    this.#note(status);
    const run = this.#run(correlationId, work).finally(() => this.#running.delete(run));
    this.#running.add(run);
    return status;
  }

  status(correlationId: string): TaskStatus {
    return this.#statuses.get(correlationId) ?? { status: 'Unknown', message: '', correlationId };
  }

  /** Gives up what is under way. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  async #run(correlationId: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    await new Promise(setImmediate);
    this.#note({ status: 'Running', message: '', correlationId });
    try {
      await work(AbortSignal.any([this.#stop.signal, AbortSignal.timeout(timeLimitMs)]));
      this.#note({ status: 'Completed', message: '', correlationId });
    } catch (error) {
      this.#note({ status: 'Failed', message: error instanceof Error ? error.message : String(error), correlationId });
    }
  }

  #note(status: TaskStatus): void {
    this.#statuses.set(status.correlationId, status);
    for (const id of this.#statuses.keys()) {
      if (this.#statuses.size <= maxTasks) break;
      this.#statuses.delete(id);
    }
  }
}
