import { isDeepStrictEqual } from 'node:util';
import type { SourceConfig } from '@edgeveil/contracts';
import type { Source } from './source.ts';

export interface SourceSetOptions {
  readonly create: (name: string, config: SourceConfig) => Source;
  /** A source ended with a bug. */
  readonly crash: (error: unknown) => void;
  readonly onStopped?: (name: string) => void;
}

interface Running {
  readonly config: SourceConfig;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** The sources that are running. Applying a new set leaves those alone whose configuration is the same. */
export class SourceSet {
  readonly #options: SourceSetOptions;
  readonly #running = new Map<string, Running>();

  constructor(options: SourceSetOptions) {
    this.#options = options;
  }

  /** Stops what is gone or changed and starts what is new or changed. Must not be called twice at once. */
  async apply(sources: Readonly<Record<string, SourceConfig>>): Promise<void> {
    const outdated = [...this.#running].filter(([name, { config }]) => !isDeepStrictEqual(config, sources[name]));
    await Promise.all(outdated.map(([name]) => this.#stop(name)));
    for (const [name, config] of Object.entries(sources)) {
      if (!this.#running.has(name)) {
        this.#start(name, config);
      }
    }
    for (const [name] of outdated) {
      if (!this.#running.has(name)) {
        this.#options.onStopped?.(name);
      }
    }
  }

  /** Ends the intake; resolves when what was under way is safe. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.#stop(name)));
  }

  #start(name: string, config: SourceConfig): void {
    const stop = new AbortController();
    const ended = this.#options.create(name, config).run(stop.signal).catch(this.#options.crash);
    this.#running.set(name, { config, stop, ended });
  }

  async #stop(name: string): Promise<void> {
    const running = this.#running.get(name);
    this.#running.delete(name);
    running?.stop.abort();
    await running?.ended;
  }
}
