import type { ModuleSpec } from '../manifest/deployment.ts';
import type { ModuleLauncher, ModuleRun, OnLine } from './module-run.ts';
import type { ModuleStatus, RuntimeStatus } from './module-status.ts';
import { isRestartDue, type RestartLimits, statusUnderPolicy } from './restart-policy.ts';

export interface ManagedModuleOptions {
  readonly spec: ModuleSpec;
  readonly launcher: ModuleLauncher;
  /** What it is run as: two modules of the same need not be told apart. */
  readonly runsAs: string;
  /** Where the files lie that it runs from; `undefined` for a container. */
  readonly sourceFolder: string | undefined;
  readonly onLine: OnLine;
  readonly limits: RestartLimits;
  /** This long without an end, and the restart count starts from 0 again. */
  readonly intensiveCareMs: number;
  readonly stopGraceMs: number;
  readonly clock: () => number;
  readonly onStatus: (status: ModuleStatus) => void;
}

// What a shell says of a command that it cannot start.
const notStarted = 127;

/** A module under the agent's care: its run, and what has become of it so far. Its operations wait for each other. */
export class ManagedModule {
  readonly #options: ManagedModuleOptions;
  #spec: ModuleSpec;
  #run: ModuleRun | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  // It is to be started whatever its policy says: new, or wanted again.
  #isFresh = true;
  #runtimeStatus: RuntimeStatus = 'unknown';
  #description = 'not started';
  #exitCode = 0;
  #restartCount = 0;
  #lastStart: number | undefined;
  #lastExit: number | undefined;
  #lastRestart: number | undefined;

  constructor(options: ManagedModuleOptions) {
    this.#spec = options.spec;
    this.#options = options;
  }

  get spec(): ModuleSpec {
    return this.#spec;
  }

  get runsAs(): string {
    return this.#options.runsAs;
  }

  get sourceFolder(): string | undefined {
    return this.#options.sourceFolder;
  }

  get status(): ModuleStatus {
    const date = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms));
    return {
      module: this.#spec.name,
      runtimeStatus: this.#runtimeStatus,
      pid: this.#run?.pid,
      exitCode: this.#exitCode,
      restartCount: this.#restartCount,
      lastStartTime: date(this.#lastStart),
      lastExitTime: date(this.#lastExit),
      lastRestartTime: date(this.#lastRestart),
      statusDescription: this.#description,
    };
  }

  /** Takes a specification that differs in nothing but whether the module should run; the next step of the loop acts on it. */
  wantStatus(spec: ModuleSpec): void {
    this.#spec = spec;
    this.#isFresh = true;
    this.#restartCount = 0;
  }

  /** Brings the module nearer to what the manifest wants of it: one step of edgeAgent's reconcile loop. */
  reconcile(): Promise<void> {
    return this.#exclusively(() => this.#reconcile());
  }

  /** Ends the run if there is one and starts a new one, which counts as a restart. */
  restart(): Promise<void> {
    return this.#exclusively(() => this.#restart());
  }

  /** Resolves when the run has ended. */
  stop(): Promise<void> {
    return this.#exclusively(() => this.#stop());
  }

  /** Resolves when the run has ended; there will be no other. */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.stop();
  }

  /** Ends the module for good and removes what it leaves. */
  async remove(): Promise<void> {
    await this.close();
    await this.#options.launcher.remove?.();
  }

  #exclusively(step: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(step);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #reconcile(): Promise<void> {
    const { limits, clock } = this.#options;
    const { status: wanted, restartPolicy } = this.#spec;
    if (wanted === 'stopped') {
      await this.#stop();
      return;
    }
    const isUnhealthy = this.#run?.isUnhealthy === true;
    if (this.#run !== undefined && !isUnhealthy) {
      if (this.#runtimeStatus !== 'running') this.#setStatus('running');
      this.#leaveIntensiveCare();
      return;
    }
    if (this.#isFresh && !isUnhealthy) {
      await this.#start();
      return;
    }
    // What the run left behind is mapped anew at every step; a module that is `failed` for good stays it.
    const found = isUnhealthy ? 'unhealthy' : this.#exitCode === 0 ? 'stopped' : 'failed';
    const status = statusUnderPolicy(found, restartPolicy, this.#restartCount, limits);
    this.#setStatus(status);
    const sinceExit = this.#lastExit === undefined ? undefined : clock() - this.#lastExit;
    if (isRestartDue(status, restartPolicy, this.#restartCount, sinceExit, limits)) await this.#restart();
    // edgeAgent's planner starts a module that ended by itself again at once and does not count it, whatever the documentation says of on-failure.
    else if (status === 'stopped' && restartPolicy !== 'never') await this.#start();
  }

  async #restart(): Promise<void> {
    await this.#stop();
    this.#restartCount += 1;
    this.#lastRestart = this.#options.clock();
    await this.#start();
  }

  async #stop(): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    this.#ended(run, await run.stop(this.#options.stopGraceMs));
  }

  async #start(): Promise<void> {
    if (this.#isClosed) return;
    const { launcher, onLine, clock } = this.#options;
    this.#isFresh = false;
    this.#lastStart = clock();
    let run: ModuleRun;
    try {
      run = await launcher.launch(onLine);
    } catch (error) {
      this.#exitCode = notStarted;
      this.#lastExit = clock();
      this.#description = error instanceof Error ? error.message : String(error);
      this.#setStatus('failed');
      throw error;
    }
    this.#run = run;
    this.#description = 'running';
    this.#setStatus('running');
    void run.exited.then((code) => this.#ended(run, code));
  }

  #ended(run: ModuleRun, code: number): void {
    if (this.#run !== run) return;
    this.#run = undefined;
    this.#exitCode = code;
    this.#lastExit = this.#options.clock();
    this.#description = `exited with code ${code}`;
    // One that was to stop, and does not answer SIGTERM by itself, has not failed.
    this.#setStatus(code === 0 || this.#spec.status === 'stopped' ? 'stopped' : 'failed');
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
