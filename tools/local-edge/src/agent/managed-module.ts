import type { ModuleSpec } from '../manifest/deployment.ts';
import { ModuleProcess, type ModuleProcessOptions } from './module-process.ts';
import type { ModuleStatus, RuntimeStatus } from './module-status.ts';
import type { ProcessRecord } from './process-record.ts';
import { isRestartDue, type RestartLimits, statusUnderPolicy } from './restart-policy.ts';

export interface ManagedModuleOptions {
  readonly spec: ModuleSpec;
  readonly process: ModuleProcessOptions;
  readonly record: ProcessRecord;
  readonly limits: RestartLimits;
  /** This long without an end, and the restart count starts from 0 again. */
  readonly intensiveCareMs: number;
  readonly stopGraceMs: number;
  readonly clock: () => number;
  readonly onStatus: (status: ModuleStatus) => void;
}

/** A module under the agent's care: its process, and what has become of it so far. */
export class ManagedModule {
  readonly spec: ModuleSpec;
  readonly #options: ManagedModuleOptions;
  #process: ModuleProcess | undefined;
  #runtimeStatus: RuntimeStatus = 'unknown';
  #exitCode = 0;
  #restartCount = 0;
  #lastStart: number | undefined;
  #lastExit: number | undefined;
  #lastRestart: number | undefined;

  constructor(options: ManagedModuleOptions) {
    this.spec = options.spec;
    this.#options = options;
  }

  get status(): ModuleStatus {
    const date = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms));
    return {
      module: this.spec.name,
      runtimeStatus: this.#runtimeStatus,
      pid: this.#process?.pid,
      exitCode: this.#exitCode,
      restartCount: this.#restartCount,
      lastStartTime: date(this.#lastStart),
      lastExitTime: date(this.#lastExit),
      lastRestartTime: date(this.#lastRestart),
      statusDescription: this.#runtimeStatus,
    };
  }

  /** Brings the module nearer to what the manifest wants of it: one step of edgeAgent's reconcile loop. */
  async reconcile(): Promise<void> {
    const { spec, limits, clock } = this.#options;
    if (spec.status === 'stopped') {
      await this.stop();
      return;
    }
    if (this.#process !== undefined) {
      this.#leaveIntensiveCare();
      return;
    }
    if (this.#lastStart === undefined) {
      await this.#start();
      return;
    }
    // What the process left behind is mapped anew at every step; a module that is `failed` for good stays it.
    const found = this.#exitCode === 0 ? 'stopped' : 'failed';
    const status = statusUnderPolicy(found, spec.restartPolicy, this.#restartCount, limits);
    this.#setStatus(status);
    const sinceExit = this.#lastExit === undefined ? undefined : clock() - this.#lastExit;
    if (isRestartDue(status, spec.restartPolicy, this.#restartCount, sinceExit, limits)) await this.restart();
    // edgeAgent's planner starts a module that ended by itself again at once and does not count it, whatever the documentation says of on-failure.
    else if (status === 'stopped' && spec.restartPolicy !== 'never') await this.#start();
  }

  /** Ends the process if there is one and starts a new one, which counts as a restart. */
  async restart(): Promise<void> {
    await this.stop();
    this.#restartCount += 1;
    this.#lastRestart = this.#options.clock();
    await this.#start();
  }

  /** Resolves when the process has ended. */
  async stop(): Promise<void> {
    await this.#process?.stop(this.#options.stopGraceMs);
  }

  async #start(): Promise<void> {
    // A restart on demand and the loop's may have waited for the same end.
    if (this.#process !== undefined) return;
    const { process, record, clock, spec } = this.#options;
    const run = new ModuleProcess(process);
    this.#process = run;
    this.#lastStart = clock();
    this.#setStatus('running');
    void run.exited.then(async (code) => {
      if (this.#process !== run) return;
      this.#process = undefined;
      this.#exitCode = code;
      this.#lastExit = clock();
      this.#setStatus(code === 0 ? 'stopped' : 'failed');
      await record.remove(spec.name).catch(() => undefined);
    });
    if (run.pid !== undefined) await record.put(spec.name, run.pid);
  }

  #leaveIntensiveCare(): void {
    const { clock, intensiveCareMs } = this.#options;
    if (this.#restartCount === 0 || this.#lastStart === undefined) return;
    if (clock() - this.#lastStart < intensiveCareMs) return;
    this.#restartCount = 0;
    this.#options.onStatus(this.status);
  }

  #setStatus(status: RuntimeStatus): void {
    if (this.#runtimeStatus === status) return;
    this.#runtimeStatus = status;
    this.#options.onStatus(this.status);
  }
}
