import { ConfigError, type ExecutionProvider, type InferenceTwin, TransientError } from '@edgeveil/contracts';
import type { FrameDetector } from './frame-detector.ts';
import type { GoodModel } from './library/library-state.ts';

/** A provider that the watchdog has given up, until another model is asked for. */
export interface GivenUpProvider {
  readonly provider: ExecutionProvider;
  readonly reason: string;
}

/** What is to be loaded. */
export interface WantedModel {
  readonly twin: InferenceTwin;
  /** A model by name in place of what the twin asks for. */
  readonly instead: GoodModel | undefined;
  readonly givenUp: readonly GivenUpProvider[];
  /** The stage of the cascade that it is for; the model that the twin names is then that of the stage. */
  readonly stage?: string;
}

/** What runs, and why that is not what was asked for. */
export interface SlotState {
  readonly detector: FrameDetector | undefined;
  /** `undefined` when what was asked for runs. */
  readonly failure: ConfigError | TransientError | undefined;
  readonly wanted: WantedModel;
}

export interface ModelSlotOptions {
  /**
   * Opens a model. ConfigError when it cannot be, TransientError when it may be later. When `superseded` aborts another one is
   * asked for, and this one may as well not be opened.
   */
  readonly open: (wanted: WantedModel, superseded: AbortSignal) => Promise<FrameDetector>;
  /**
   * A model that has worked before, for when there is none in use and the wanted one cannot be opened. `undefined` when
   * there is none. Never the one with the hash that is given: it has just failed.
   */
  readonly openLastGood?: (wanted: WantedModel, except: string | undefined) => Promise<FrameDetector | undefined>;
  /** Called at each change. */
  readonly onChange: (state: SlotState) => void;
}

interface Loaded {
  readonly detector: FrameDetector;
  users: number;
  isReplaced: boolean;
}

/**
 * The model in use. A new one is loaded beside the old one and takes its place between two batches; the old one is closed
 * when its last batch has ended. When the one that is asked for cannot be loaded the old one stays in use, and where there
 * is none, the last one that worked.
 */
export class ModelSlot {
  readonly #options: ModelSlotOptions;
  #wanted: WantedModel;
  #loaded: Loaded | undefined;
  #closing: Promise<void> = Promise.resolve();
  /** The load under way: one at a time, so that the last one asked for is the one in use. */
  #loading: Promise<unknown> = Promise.resolve();
  #failure: ConfigError | TransientError | undefined;
  /** Of the load under way, and of those that wait for it. */
  #superseded = new AbortController();
  /** What was asked for last has been given up for a model by name, and that one cannot be loaded. */
  #isUnsettled = false;

  constructor(twin: InferenceTwin, options: ModelSlotOptions) {
    this.#wanted = { twin, instead: undefined, givenUp: [] };
    this.#options = options;
  }

  /** The model that new batches are for; `undefined` while there is none. */
  get detector(): FrameDetector | undefined {
    return this.#loaded?.detector;
  }

  /** Why what was asked for last is not in use. */
  get failure(): ConfigError | TransientError | undefined {
    return this.#failure;
  }

  /** Loads what the twin asks for, unless that is in use already. Failure is told through `onChange`, never thrown. */
  async select(twin: InferenceTwin): Promise<void> {
    const before = this.#wanted;
    const isSame = JSON.stringify(modelPartOf(twin)) === JSON.stringify(modelPartOf(before.twin));
    const isSameModel = JSON.stringify(withoutSas(twin.model)) === JSON.stringify(withoutSas(before.twin.model));
    this.#wanted = isSame
      ? { ...before, twin }
      : { twin, instead: isSameModel ? before.instead : undefined, givenUp: [] };
    if (!isSame) {
      this.#supersede();
    }
    if (!isSame || this.#loaded === undefined) {
      await this.reload();
    }
  }

  /** A download on a thin line, or from a server that hangs, is not to keep the model waiting that is asked for now. */
  #supersede(): void {
    this.#superseded.abort();
    this.#superseded = new AbortController();
  }

  /**
   * Puts a model by name in the place of what the twin asks for, until the twin asks for another; `undefined` goes back to
   * the twin's. Answers why that did not work: then what was in use, and wanted, before still is.
   */
  async use(instead: GoodModel | undefined): Promise<ConfigError | TransientError | undefined> {
    this.#supersede();
    const { signal } = this.#superseded;
    return this.#queue(async () => {
      const wanted = { ...this.#wanted, instead };
      try {
        const detector = await this.#open(wanted, signal);
        this.#wanted = wanted;
        this.#put(detector);
        return undefined;
      } catch (error) {
        if (this.#isUnsettled && !signal.aborted) {
          void this.reload();
        }
        return expected(error);
      }
    });
  }

  /** Goes on without a provider: loads the model anew on the next one. False when there is no next one. */
  async giveUp(given: GivenUpProvider): Promise<boolean> {
    const { twin, givenUp } = this.#wanted;
    const isLeft = twin.executionProviders.some(
      (each) =>
        each !== given.provider &&
        !(each === 'cpu' && twin.requireGpu) &&
        givenUp.every(({ provider }) => provider !== each),
    );
    if (isLeft && givenUp.every(({ provider }) => provider !== given.provider)) {
      this.#wanted = { ...this.#wanted, givenUp: [...givenUp, given] };
      await this.reload();
    }
    return isLeft;
  }

  /** Takes the last model that worked into use, where there is none: for as long as loading the wanted one takes. */
  async startWithLastGood(): Promise<void> {
    await this.#queue(async () => {
      if (await this.#putLastGood(undefined)) {
        this.#tell();
      }
    });
  }

  /** Loads anew what was asked for last: after a change, or when the session in use no longer works. */
  async reload(): Promise<void> {
    const { signal } = this.#superseded;
    await this.#queue(() => this.#load({ signal }));
  }

  /** Tries once more what could not be loaded: somebody may have put it right. The same failure is not told again. */
  async retry(): Promise<void> {
    const { signal } = this.#superseded;
    await this.#queue(async () => {
      if (this.#failure !== undefined || this.#loaded === undefined) {
        await this.#load({ untold: this.#failure?.message, signal });
      }
    });
  }

  async #queue<T>(load: () => Promise<T>): Promise<T> {
    const next = this.#loading.then(load);
    this.#loading = next.catch(() => undefined);
    return next;
  }

  /** TransientError MODEL_LOAD_SUPERSEDED when another model was asked for meanwhile, whatever came of this one. */
  async #open(wanted: WantedModel, signal: AbortSignal): Promise<FrameDetector> {
    try {
      if (!signal.aborted) {
        const detector = await this.#options.open(wanted, signal);
        if (!signal.aborted) {
          return detector;
        }
        await detector.close();
      }
    } catch (error) {
      if (!signal.aborted) {
        throw error;
      }
      expected(error);
    }
    throw new TransientError('MODEL_LOAD_SUPERSEDED', 'another model was asked for before this one was loaded');
  }

  async #load({
    untold,
    signal,
  }: {
    readonly untold?: string | undefined;
    readonly signal: AbortSignal;
  }): Promise<void> {
    try {
      this.#put(await this.#open(this.#wanted, signal));
    } catch (error) {
      const failure = expected(error);
      this.#isUnsettled = signal.aborted;
      if (signal.aborted) {
        return;
      }
      this.#failure = failure;
      const isNews = await this.#putLastGood(undefined);
      if (isNews || failure.message !== untold) {
        this.#tell();
      }
    }
  }

  /** True when there was no model in use, and now there is. */
  async #putLastGood(except: string | undefined): Promise<boolean> {
    if (this.#loaded !== undefined) {
      return false;
    }
    try {
      const detector = await this.#options.openLastGood?.(this.#wanted, except);
      this.#replace(detector);
      return detector !== undefined;
    } catch (error) {
      expected(error);
      return false;
    }
  }

  /**
   * Runs `work` with the model in use, which stays open until it has ended. `undefined` when there is no model, or when
   * `work` throws the ConfigError that it does not work: then it is taken out of use, and the one before it comes back.
   */
  async run<T>(work: (detector: FrameDetector) => Promise<T>): Promise<T | undefined> {
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
        this.#failure = error;
        this.#replace(undefined);
        this.#tell();
        void this.#queue(async () => {
          if (await this.#putLastGood(loaded.detector.identity.sha256)) {
            this.#tell();
          }
        });
      }
      return undefined;
    } finally {
      loaded.users -= 1;
      this.#closeIfUnused(loaded);
    }
  }

  /** Closes the model after what it has in hand, whoever still uses it. */
  async close(): Promise<void> {
    await this.#loading;
    const last = this.#loaded;
    this.#loaded = undefined;
    await Promise.all([this.#closing, last?.detector.close()]);
  }

  #put(detector: FrameDetector): void {
    this.#failure = undefined;
    this.#isUnsettled = false;
    this.#replace(detector);
    this.#tell();
  }

  #tell(): void {
    this.#options.onChange({ detector: this.detector, failure: this.#failure, wanted: this.#wanted });
  }

  #replace(detector: FrameDetector | undefined): void {
    const previous = this.#loaded;
    this.#loaded = detector === undefined ? undefined : { detector, users: 0, isReplaced: false };
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

/** What a load may end with. @throws anything else: a bug */
function expected(error: unknown): ConfigError | TransientError {
  if (error instanceof ConfigError || error instanceof TransientError) {
    return error;
  }
  throw error;
}

/** Whatever of a twin makes another session necessary. A new SAS for the same blob does not. */
function modelPartOf(twin: InferenceTwin): unknown {
  const { executionProviders, devices, requireGpu, gpuProof, tensorRt, watchdog, sessions, threads, maxBatch } = twin;
  const model = withoutSas(twin.model);
  const cascade = Object.entries(twin.cascade).map(([name, stage]) => ({
    name,
    ...stage,
    model: withoutSas(stage.model),
  }));
  return {
    model,
    cascade,
    executionProviders,
    devices,
    requireGpu,
    gpuProof,
    tensorRt,
    watchdog,
    sessions,
    threads,
    maxBatch,
  };
}

function withoutSas({ url, descriptionUrl, ...model }: Partial<InferenceTwin['model']>): unknown {
  return { ...model, urls: [url, descriptionUrl].map((each) => each?.replace(/\?.*/s, '')) };
}
