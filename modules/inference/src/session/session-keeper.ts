import { setTimeout as pause } from 'node:timers/promises';
import { InternalError, TransientError } from '@edgeveil/contracts';
import type { Log } from '@edgeveil/module-kit';
import { SessionHost } from './session-host.ts';
import type { PlacedPicture, RunResult, SessionInfo, SessionSpec } from './session-protocol.ts';

const FIRST_RESTART_DELAY_MS = 100;
const MAX_RESTART_DELAY_MS = 30_000;

export interface SessionKeeperOptions {
  readonly log?: Log;
  readonly workerFile?: URL;
}

/** Keeps one session alive: replaces its worker after it died, the later the more often it died without a run in between. */
export class SessionKeeper {
  readonly #spec: SessionSpec;
  readonly #options: SessionKeeperOptions;
  readonly #closing = new AbortController();
  #host: SessionHost;
  #restart: Promise<SessionHost> | undefined;
  #lossesInARow = 0;

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
    const { host, info } = await SessionHost.open(spec, options.workerFile);
    return { keeper: new SessionKeeper(spec, options, host), info };
  }

  /**
   * Runs a batch on the session. TransientError INFERENCE_WORKER_LOST when the worker died under it; the next call gets
   * a new worker. ConfigError when the model can no longer be loaded for that.
   */
  async run(pictures: readonly PlacedPicture[]): Promise<RunResult> {
    const host = await this.#aliveHost();
    try {
      const result = await host.run(pictures);
      this.#lossesInARow = 0;
      return result;
    } catch (error) {
      this.#options.log?.warn('inference run failed', { error, pictures: pictures.length, workerAlive: host.isAlive });
      throw error;
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
    const delayMs = Math.min(FIRST_RESTART_DELAY_MS * 2 ** this.#lossesInARow, MAX_RESTART_DELAY_MS);
    this.#lossesInARow += 1;
    this.#options.log?.warn('inference worker is being replaced', { delayMs, lossesInARow: this.#lossesInARow });
    try {
      await pause(delayMs, undefined, { signal: this.#closing.signal });
    } catch (cause) {
      throw new TransientError('INFERENCE_WORKER_LOST', 'closed before the worker was replaced', { cause });
    }
    const { host, info } = await SessionHost.open(this.#spec, this.#options.workerFile);
    this.#host = host;
    this.#options.log?.info('inference worker replaced', { loadMs: Math.round(info.loadMs) });
    return host;
  }
}
