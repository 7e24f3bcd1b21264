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

  /** The image's stop signal, SIGKILL after the grace time in whole seconds. An engine that does not answer is not waited for for ever. */
  async stop(graceMs: number): Promise<number> {
    const { container, onLine } = this.#options;
    try {
      const stopping = container.stop({ t: Math.ceil(graceMs / 1000) }).catch(unlessDone);
      const isStopped = await this.#within(
        graceMs + lostEngineMs,
        stopping.then(() => true),
      );
      if (isStopped === true) return await this.exited;
      onLine('stderr', 'the container engine does not answer');
    } catch (error) {
      onLine('stderr', `the container engine does not stop the module: ${engineMessage(error)}`);
      // The engine may have ended, and its containers with it, at this moment.
      await this.#within(pollMs, this.exited);
    }
    this.#gone.abort();
    return this.exited;
  }

  /** `undefined` when the time has passed. */
  async #within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
    const timer = new AbortController();
    const limit = delay(ms, undefined, { signal: timer.signal }).catch(() => undefined);
    try {
      return await Promise.race([promise, limit]);
    } finally {
      timer.abort();
    }
  }

  async #follow(): Promise<number> {
    const code = await this.#waitForEnd();
    await this.#within(outputGraceMs, this.#output.ended);
    this.#output.close();
    this.#gone.abort();
    return code;
  }

  // The engine may be restarted under a module; one that keeps its containers meanwhile goes on as if nothing had been. Its client library leaves a
  // call unanswered for ever whose connection breaks in the middle of the reply, so the end of the output is what tells that something has happened.
  async #waitForEnd(): Promise<number> {
    const { container } = this.#options;
    const { signal } = this.#gone;
    while (!signal.aborted) {
      const call = new AbortController();
      const silence = this.#output.ended.then(() => delay(pollMs, undefined, { signal })).catch(() => undefined);
      const told = await Promise.race([waitFor(container, call.signal), silence]);
      call.abort();
      if (told !== undefined) {
        await this.#tellWhy();
        return told;
      }
      const state = await stateOf(container);
      if (state === 'gone') return killed;
      if (state?.Running === false) return state.ExitCode;
      if (state !== undefined) await this.#resume(await this.#output.ended);
    }
    return unknownCode;
  }

  // Not every log driver of the create options can be read; then the module goes on unheard.
  async #resume(sinceMs: number): Promise<void> {
    const { container, isTerminal, onLine } = this.#options;
    this.#output.close();
    this.#output = await resumeOutput(container, isTerminal, sinceMs, onLine).catch(() => this.#output);
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

/** The exit code; never, when the engine goes away or the call is aborted. */
function waitFor(container: Docker.Container, abortSignal: AbortSignal): Promise<number> {
  return new Promise((resolve) => {
    container.wait({ abortSignal }).then(
      ({ StatusCode }: { StatusCode: number }) => resolve(StatusCode),
      (error: unknown) => {
        // Somebody removed it.
        if (engineStatus(error) === 404) resolve(killed);
      },
    );
  });
}

/** `undefined` when the engine does not answer. */
async function stateOf(
  container: Docker.Container,
): Promise<Docker.ContainerInspectInfo['State'] | 'gone' | undefined> {
  return container.inspect().then(
    ({ State }) => State,
    (error: unknown) => (engineStatus(error) === 404 ? 'gone' : undefined),
  );
}
