import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { ModuleRun, OnLine } from '../module-run.ts';
import { type ContainerOutput, resumeOutput } from './container-output.ts';
import { engineMessage, engineStatus, unlessDone } from './engine-error.ts';

export interface ContainerRunOptions {
  readonly container: Docker.Container;
  /** Attached before the start. */
  readonly output: ContainerOutput;
  readonly isTerminal: boolean;
  /** Whether there is a health check whose result has to be followed. */
  readonly hasHealthcheck: boolean;
  readonly onLine: OnLine;
}

const pollMs = 1000;
// After the end of a container its output ends at once; this is for an engine that goes away in between.
const outputGraceMs = 2000;
// An engine that does not answer a stop is not waited for: what it still runs is removed at the next start.
const lostEngineMs = 10_000;
// What Docker says of a container that was killed.
const killed = 137;
const unknownCode = 255;

/** A run of a module in a container that has been started. */
export class ContainerRun implements ModuleRun {
  readonly pid = undefined;
  readonly exited: Promise<number>;
  readonly #options: ContainerRunOptions;
  readonly #gone = new AbortController();
  #output: ContainerOutput;
  #isUnhealthy = false;

  constructor(options: ContainerRunOptions) {
    this.#options = options;
    this.#output = options.output;
    this.exited = this.#follow();
    if (options.hasHealthcheck) void this.#followHealth();
  }

  get isUnhealthy(): boolean {
    return this.#isUnhealthy;
  }

  /** The image's stop signal, SIGKILL after the grace time in whole seconds. */
  async stop(graceMs: number): Promise<number> {
    const { container, onLine } = this.#options;
    try {
      await container.stop({ t: Math.ceil(graceMs / 1000) }).catch(unlessDone);
    } catch (error) {
      onLine('stderr', `the container engine does not stop the module: ${engineMessage(error)}`);
      const lost = delay(lostEngineMs, unknownCode, { signal: this.#gone.signal, ref: false }).catch(() => unknownCode);
      const code = await Promise.race([this.exited, lost]);
      this.#gone.abort();
      return code;
    }
    return this.exited;
  }

  async #follow(): Promise<number> {
    const code = await this.#waitForEnd();
    await Promise.race([this.#output.ended, delay(outputGraceMs)]);
    this.#output.close();
    this.#gone.abort();
    return code;
  }

  // The engine may be restarted under a module; one that keeps its containers meanwhile goes on as if nothing had been.
  async #waitForEnd(): Promise<number> {
    const { container, isTerminal, onLine } = this.#options;
    let lostAt: number | undefined;
    while (!this.#gone.signal.aborted) {
      try {
        if (lostAt !== undefined) {
          const { State } = await container.inspect();
          if (!State.Running) return State.ExitCode;
          this.#output.close();
          this.#output = await resumeOutput(container, isTerminal, lostAt, onLine);
          lostAt = undefined;
        }
        const { StatusCode }: { StatusCode: number } = await container.wait();
        await this.#tellWhy();
        return StatusCode;
      } catch (error) {
        // Somebody removed it.
        if (engineStatus(error) === 404) return killed;
        lostAt ??= Date.now();
        await delay(pollMs, undefined, { ref: false });
      }
    }
    return unknownCode;
  }

  async #tellWhy(): Promise<void> {
    const state = await this.#options.container.inspect().then(
      ({ State }) => State,
      () => undefined,
    );
    if (state?.OOMKilled === true)
      this.#options.onLine('stderr', 'the container engine ended the module: out of memory');
  }

  async #followHealth(): Promise<void> {
    const { signal } = this.#gone;
    while (!signal.aborted) {
      try {
        const { State } = await this.#options.container.inspect();
        this.#isUnhealthy = State.Health?.Status === 'unhealthy';
      } catch {
        // It has ended, or the engine is away; the other loop sees to it.
      }
      await delay(pollMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
