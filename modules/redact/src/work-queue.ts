export interface WorkQueueOptions {
  /**
   * Ids that may wait. `add` waits beyond it: what comes from the sweep waits on disk, what comes as a hint in the
   * inbox.
   */
  readonly capacity: number;
  /** Ids worked on at once. */
  readonly concurrency: number;
  /** Nothing new is begun once it aborts. */
  readonly signal: AbortSignal;
  readonly work: (id: string) => Promise<void>;
  /** What `work` rejects with. */
  readonly onFailure: (error: unknown) => void;
}

/** Ids to be worked on, oldest call first, each at most once at a time. Bounded; whoever adds waits for room. */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #active = new Set<string>();
  #concurrency: number;
  #ended = 0;
  #changed = Promise.withResolvers<void>();

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#concurrency = options.concurrency;
    options.signal.addEventListener('abort', () => this.#change(), { once: true });
  }

  /** Ids in work. */
  get active(): number {
    return this.#active.size;
  }

  /** Ids whose work has ended, well or not, since the start. */
  get ended(): number {
    return this.#ended;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  setConcurrency(concurrency: number): void {
    this.#concurrency = concurrency;
    this.#start();
  }

  /** Resolves when the id is queued, was already, or the signal has aborted. */
  async add(id: string): Promise<void> {
    const { signal, capacity } = this.#options;
    while (!signal.aborted && !this.#waiting.has(id) && !this.#active.has(id)) {
      if (this.#waiting.size < capacity) {
        this.#waiting.add(id);
        this.#start();
        return;
      }
      await this.#changed.promise;
    }
  }

  /** Resolves when nothing is worked on and, unless the signal has aborted, nothing waits. */
  async idle(): Promise<void> {
    while (this.#active.size > 0 || (this.#waiting.size > 0 && !this.#options.signal.aborted))
      await this.#changed.promise;
  }

  #start(): void {
    for (const id of this.#waiting) {
      if (this.#active.size >= this.#concurrency || this.#options.signal.aborted) return;
      this.#waiting.delete(id);
      this.#active.add(id);
      void this.#run(id);
    }
  }

  async #run(id: string): Promise<void> {
    try {
      await this.#options.work(id);
    } catch (error) {
      this.#options.onFailure(error);
    }
    this.#active.delete(id);
    this.#ended += 1;
    this.#start();
    this.#change();
  }

  #change(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }
}
