import type { Heartbeat } from './module-context.ts';

export interface HealthReport {
  readonly isOk: boolean;
  /** What is wrong: name of the gate or loop, and why. */
  readonly reasons: Readonly<Record<string, string>>;
}

/** Whether the module lives (its loops beat) and is ready (all its gates are open). */
export class Health {
  readonly #clock: () => number;
  readonly #gates = new Map<string, { readonly isReady: boolean; readonly reason: string | undefined }>();
  readonly #loops = new Map<string, { lastBeatMs: number; readonly maxSilenceMs: number }>();

  /** @param clock monotonic, in ms */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  setReady(name: string, isReady: boolean, reason?: string): void {
    this.#gates.set(name, { isReady, reason });
  }

  watch(name: string, maxSilenceMs: number): Heartbeat {
    const loop = { lastBeatMs: this.#clock(), maxSilenceMs };
    this.#loops.set(name, loop);
    return {
      beat: () => {
        loop.lastBeatMs = this.#clock();
      },
      stop: () => {
        if (this.#loops.get(name) === loop) this.#loops.delete(name);
      },
    };
  }

  liveness(): HealthReport {
    const now = this.#clock();
    const silent = [...this.#loops]
      .filter(([, loop]) => now - loop.lastBeatMs > loop.maxSilenceMs)
      .map(([name, loop]): [string, string] => [
        name,
        `silent for ${Math.round((now - loop.lastBeatMs) / 1000)} s, at most ${loop.maxSilenceMs / 1000} s expected`,
      ]);
    return { isOk: silent.length === 0, reasons: Object.fromEntries(silent) };
  }

  readiness(): HealthReport {
    const closed = [...this.#gates]
      .filter(([, gate]) => !gate.isReady)
      .map(([name, gate]): [string, string] => [name, gate.reason ?? 'not ready']);
    return { isOk: closed.length === 0, reasons: Object.fromEntries(closed) };
  }
}
