import type { Log } from '../log.ts';
import { describeError } from '../log-lines/log-value.ts';
import { pause } from '../pause.ts';
import type { ModuleProcess } from './module-process.ts';

/** edgeAgent gives 10 s between SIGTERM and SIGKILL. */
const GRACE_MS = 8_000;
/** After a crash the state is in doubt: save what can be saved, briefly. */
const CRASH_GRACE_MS = 3_000;
const FLUSH_MS = 500;

export interface ShutdownOptions {
  readonly host: ModuleProcess;
  readonly log: Log;
  /** Writes out log lines that wait. */
  readonly flush: () => Promise<void>;
  /** Names of what is still open, for the line that says why the process had to be ended. */
  readonly open: () => readonly string[];
  readonly graceMs?: number;
}

/**
 * When and how the process ends. The first SIGTERM or SIGINT aborts `signal`, the second ends the process at once; so does the end
 * of the grace, with exit code 1 and the names of what was still open. Errors that nobody caught stop it with exit code 1.
 */
export class Shutdown {
  readonly #options: ShutdownOptions;
  readonly #stopping = new AbortController();
  #exitCode = 0;
  #deadline: NodeJS.Timeout | undefined;
  #deadlineMs = 0;
  #isClosed = false;

  constructor(options: ShutdownOptions) {
    this.#options = options;
  }

  /** Aborted when stopping starts. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Whole milliseconds of the grace that are left. */
  get remainingMs(): number {
    return Math.max(0, Math.floor(this.#deadlineMs - performance.now()));
  }

  listen(): void {
    const { host } = this.#options;
    host.on('SIGTERM', this.#onSigterm);
    host.on('SIGINT', this.#onSigint);
    host.on('uncaughtException', this.crash);
    host.on('unhandledRejection', this.crash);
  }

  readonly crash = (error: unknown): void => {
    const { log } = this.#options;
    log.error('crashed', { error: describeError(error, { stack: true }) });
    this.#exitCode = 1;
    this.#stop('crash', CRASH_GRACE_MS);
  };

  /** Stops with exit code 1 because of an error that has been logged already. */
  fail(): void {
    this.#exitCode = 1;
    this.#stop('failure', this.#options.graceMs ?? GRACE_MS);
  }

  /** All is closed: the process should now end by itself, with this exit code. */
  finish(isClean: boolean): void {
    const { host, log } = this.#options;
    if (!isClean) this.#exitCode = 1;
    this.#isClosed = true;
    host.exitCode = this.#exitCode;
    // It must not keep the process alive, only catch one that something else keeps alive.
    this.#deadline?.unref();
    host.off('SIGTERM', this.#onSigterm);
    host.off('SIGINT', this.#onSigint);
    host.off('uncaughtException', this.crash);
    host.off('unhandledRejection', this.crash);
    log.info('stopped', { exitCode: this.#exitCode });
  }

  readonly #onSigterm = (): void => this.#onSignal('SIGTERM');
  readonly #onSigint = (): void => this.#onSignal('SIGINT');

  #onSignal(name: string): void {
    if (this.#stopping.signal.aborted) {
      this.#options.log.warn('second signal', { signal: name, open: this.#options.open() });
      void this.#exit();
      return;
    }
    this.#stop(name, this.#options.graceMs ?? GRACE_MS);
  }

  #stop(reason: string, graceMs: number): void {
    if (this.#stopping.signal.aborted) return;
    this.#options.log.info('stopping', { reason, graceMs });
    this.#deadlineMs = performance.now() + graceMs;
    this.#deadline = setTimeout(() => {
      const { host, log, open } = this.#options;
      const handles = this.#isClosed ? host.getActiveResourcesInfo() : [];
      log.error('not stopped in time', { open: open(), handles });
      void this.#exit();
    }, graceMs);
    this.#stopping.abort();
  }

  async #exit(): Promise<void> {
    await Promise.race([this.#options.flush(), pause(FLUSH_MS)]);
    this.#options.host.exit(1);
  }
}
