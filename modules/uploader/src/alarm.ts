/** Lets loops sleep until something happens. A `ring` while nobody sleeps is remembered for the next who would. */
export class Alarm {
  readonly #sleepers = new Set<() => void>();
  #isWanted = false;

  ring(): void {
    if (this.#sleepers.size === 0) this.#isWanted = true;
    for (const resolve of this.#sleepers) resolve();
  }

  /** Resolves at `ring`, after `ms` (never, when undefined), or when the signal is aborted. */
  async wait(ms: number | undefined, signal: AbortSignal): Promise<void> {
    if (this.#isWanted || signal.aborted) {
      this.#isWanted = false;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    this.#sleepers.add(wake);
    // setTimeout takes 31 bits
    const timer = ms === undefined ? undefined : setTimeout(wake, Math.min(ms, 2 ** 31 - 1));
    signal.addEventListener('abort', wake, { once: true });
    await promise;
    clearTimeout(timer);
    signal.removeEventListener('abort', wake);
    this.#sleepers.delete(wake);
  }
}
