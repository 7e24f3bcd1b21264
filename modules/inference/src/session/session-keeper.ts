import { setTimeout as pause } from 'node:timers/promises';
import { InternalError, TransientError } from '@edgeveil/contracts';
import type { Log } from '@edgeveil/module-kit';
import { SessionHost, type SessionHostOptions } from './session-host.ts';
import type { PlacedPicture, RunResult, SessionInfo, SessionSpec } from './session-protocol.ts';

const FIRST_RESTART_DELAY_MS = 100;
const MAX_RESTART_DELAY_MS = 30_000;
/** Losses with no run between them: a session that never works again is not given the whole budget. */
const MAX_LOSSES_IN_A_ROW = 4;

/** How many workers may be lost, and in which time. */
export interface RestartBudget {
  readonly maxRestarts: number;
  readonly windowMs: number;
}

const BUDGET: RestartBudget = { maxRestarts: 10, windowMs: 600_000 };

/** What is known when a budget is used up. */
export interface Exhaustion {
  readonly losses: number;
  readonly windowMs: number;
  /** The last of the losses. */
  readonly reason: string;
  /** Threads that are stuck inside the runtime: only the end of the process ends them. */
  readonly leftBehind: number;
}

export interface SessionKeeperOptions extends SessionHostOptions {
  readonly log?: Log;
  readonly budget?: RestartBudget;
  /** Called at each loss beyond the budget. The session is restarted all the same, unless it is closed then. */
  readonly onExhausted?: (exhaustion: Exhaustion) => void;
  readonly clock?: () => number;
}

/**
 * Keeps one session alive: replaces its worker after it died or hung, the later the more often it did so without a run in
 * between, and says when that is more often than the budget allows.
 */
export class SessionKeeper {
  readonly #spec: SessionSpec;
  readonly #options: SessionKeeperOptions;
  readonly #closing = new AbortController();
  #host: SessionHost;
  #restart: Promise<SessionHost> | undefined;
  #lossesInARow = 0;
  #lossTimes: number[] = [];
  #leftBehind = 0;
  #isLossNoted = false;
  #outstanding = 0;

  private constructor(spec: SessionSpec, options: SessionKeeperOptions, host: SessionHost) {
    this.#spec = spec;
    this.#options = options;
    this.#host = host;
  }

  /** Throws what {@link SessionHost.open} throws. */
  static async open(
    spec: SessionSpec,
    options: SessionKeeperOptions,
  ): Promise<{ readonly keeper: SessionKeeper; readonly info: SessionInfo }> {
    const { host, info } = await SessionHost.open(spec, options);
    return { keeper: new SessionKeeper(spec, options, host), info };
  }

  /** Pictures that were given to `run` and are not answered yet. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /**
   * Runs a batch on the session. TransientError INFERENCE_WORKER_LOST when the worker died under it, INFERENCE_RUN_HUNG
   * when it hung; the next call gets a new worker. ConfigError when the model can no longer be loaded for that.
   */
  async run(pictures: readonly PlacedPicture[]): Promise<RunResult> {
    this.#outstanding += pictures.length;
    try {
      const host = await this.#aliveHost();
      try {
        const result = await host.run(pictures);
        this.#lossesInARow = 0;
        return result;
      } catch (error) {
        const { isAlive, isLeftBehind } = host;
        this.#options.log?.warn('inference run failed', { error, pictures: pictures.length, isAlive, isLeftBehind });
        if (!isAlive) {
          this.#noteLoss(host, error);
        }
        throw error;
      }
    } finally {
      this.#outstanding -= pictures.length;
    }
  }

  /** Once for each worker, however many batches it had in hand. */
  #noteLoss(host: SessionHost, error: unknown): void {
    if (host !== this.#host || this.#isLossNoted) {
      return;
    }
    this.#isLossNoted = true;
    const { budget = BUDGET, onExhausted, clock = () => performance.now() } = this.#options;
    const now = clock();
    this.#lossTimes = [...this.#lossTimes.filter((time) => now - time < budget.windowMs), now];
    this.#lossesInARow += 1;
    this.#leftBehind += host.isLeftBehind ? 1 : 0;
    const losses = this.#lossTimes.length;
    if (losses > budget.maxRestarts || this.#lossesInARow > Math.min(budget.maxRestarts, MAX_LOSSES_IN_A_ROW)) {
      const reason = error instanceof Error ? error.message : String(error);
      onExhausted?.({ losses, windowMs: budget.windowMs, reason, leftBehind: this.#leftBehind });
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    // A restart under way ends first: a worker that nobody holds would keep the process alive.
    await this.#restart?.catch(() => undefined);
    await this.#host.close();
  }

  async #aliveHost(): Promise<SessionHost> {
    if (this.#closing.signal.aborted) {
      throw new InternalError('DETECTOR_CLOSED', 'asked to run after close');
    }
    if (this.#host.isAlive) {
      return this.#host;
    }
    this.#restart ??= this.#replaceHost().finally(() => {
      this.#restart = undefined;
    });
    return this.#restart;
  }

  async #replaceHost(): Promise<SessionHost> {
    const delayMs = Math.min(FIRST_RESTART_DELAY_MS * 2 ** (this.#lossesInARow - 1), MAX_RESTART_DELAY_MS);
    this.#options.log?.warn('inference worker is being replaced', { delayMs, lossesInARow: this.#lossesInARow });
    try {
      await pause(delayMs, undefined, { signal: this.#closing.signal });
    } catch (cause) {
      throw new TransientError('INFERENCE_WORKER_LOST', 'closed before the worker was replaced', { cause });
    }
    const { host, info } = await SessionHost.open(this.#spec, this.#options);
    this.#host = host;
    this.#isLossNoted = false;
    this.#options.log?.info('inference worker replaced', { loadMs: Math.round(info.loadMs) });
    return host;
  }
}
