import { ConfigError, type InferenceTwin } from '@edgeveil/contracts';
import type { Detector } from './detector.ts';

export interface ModelSlotOptions {
  /** Opens the model that a twin asks for. ConfigError when it cannot be. */
  readonly open: (twin: InferenceTwin) => Promise<Detector>;
  /** Called at each change, with the reason where there is no model. */
  readonly onChange: (detector: Detector | undefined, failure: ConfigError | undefined, twin: InferenceTwin) => void;
}

interface Loaded {
  readonly detector: Detector;
  users: number;
  isReplaced: boolean;
}

/**
 * The model in use. A new one is loaded beside the old one and takes its place between two batches; the old one is closed
 * when its last batch has ended. When the one that is asked for cannot be loaded there is none, and frames wait: what
 * another model sees in them is not what was asked for.
 */
export class ModelSlot {
  readonly #options: ModelSlotOptions;
  #twin: InferenceTwin;
  #loaded: Loaded | undefined;
  #closing: Promise<void> = Promise.resolve();
  /** The load under way: one at a time, so that the last one asked for is the one in use. */
  #loading: Promise<void> = Promise.resolve();
  #lastFailure: string | undefined;

  constructor(twin: InferenceTwin, options: ModelSlotOptions) {
    this.#twin = twin;
    this.#options = options;
  }

  /** The model that new batches are for; `undefined` while there is none. */
  get detector(): Detector | undefined {
    return this.#loaded?.detector;
  }

  /** Loads what the twin asks for, unless that is in use already. Reports failure through `onChange`, never by throwing ConfigError. */
  async select(twin: InferenceTwin): Promise<void> {
    const isSame = JSON.stringify(modelPartOf(twin)) === JSON.stringify(modelPartOf(this.#twin));
    this.#twin = twin;
    if (!isSame || this.#loaded === undefined) {
      await this.reload();
    }
  }

  /** Loads anew what was asked for last: after a change, or when the session in use no longer works. */
  async reload(): Promise<void> {
    await this.#queue(() => this.#load());
  }

  /** Tries once more what could not be loaded: somebody may have put the package right. The same failure is not told again. */
  async retry(): Promise<void> {
    await this.#queue(async () => {
      if (this.#loaded === undefined) await this.#load({ untold: this.#lastFailure });
    });
  }

  async #queue(load: () => Promise<void>): Promise<void> {
    const next = this.#loading.then(load);
    this.#loading = next.catch(() => undefined);
    await next;
  }

  async #load({ untold }: { readonly untold?: string | undefined } = {}): Promise<void> {
    const twin = this.#twin;
    try {
      const detector = await this.#options.open(twin);
      this.#replace({ detector, users: 0, isReplaced: false });
      this.#options.onChange(detector, undefined, twin);
    } catch (error) {
      if (!(error instanceof ConfigError)) {
        throw error;
      }
      if (error.message !== untold) {
        this.#fail(error);
      }
    }
  }

  /**
   * Runs `work` with the model in use, which stays open until it has ended. `undefined` when there is no model, or when
   * `work` throws the ConfigError that it does not work: then it is taken out of use.
   */
  async use<T>(work: (detector: Detector) => Promise<T>): Promise<T | undefined> {
    const loaded = this.#loaded;
    if (loaded === undefined) {
      return undefined;
    }
    loaded.users += 1;
    try {
      return await work(loaded.detector);
    } catch (error) {
      if (!(error instanceof ConfigError)) {
        throw error;
      }
      // Batches side by side all find it out, and another model may have been selected meanwhile.
      if (loaded === this.#loaded) {
        this.#fail(error);
      }
      return undefined;
    } finally {
      loaded.users -= 1;
      this.#closeIfUnused(loaded);
    }
  }

  /** Closes the model after what it has in hand, whoever still uses it. */
  async close(): Promise<void> {
    const last = this.#loaded;
    this.#loaded = undefined;
    await Promise.all([this.#closing, last?.detector.close()]);
  }

  #fail(error: ConfigError): void {
    this.#lastFailure = error.message;
    this.#replace(undefined);
    this.#options.onChange(undefined, error, this.#twin);
  }

  #replace(next: Loaded | undefined): void {
    const previous = this.#loaded;
    this.#loaded = next;
    if (previous !== undefined) {
      previous.isReplaced = true;
      this.#closeIfUnused(previous);
    }
  }

  #closeIfUnused(loaded: Loaded): void {
    if (loaded.isReplaced && loaded.users === 0) {
      this.#closing = Promise.all([this.#closing, loaded.detector.close()]).then(() => undefined);
    }
  }
}

/** Whatever of a twin makes another session necessary. */
function modelPartOf({ model, executionProviders, requireGpu, threads, maxBatch }: InferenceTwin): unknown {
  return { model, executionProviders, requireGpu, threads, maxBatch };
}
