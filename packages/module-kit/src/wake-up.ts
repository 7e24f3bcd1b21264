/** Lets one waiter sleep until it is woken. A wake-up that comes while nobody waits is kept for the next wait. */
export class WakeUp {
  #isPending = false;
  #wake: () => void = () => {};

  wake(): void {
    this.#isPending = true;
    this.#wake();
  }

  /** Forgets a wake-up that nobody waited for. */
  clear(): void {
    this.#isPending = false;
  }

  /** Resolves when woken or when the signal aborts. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done);
        this.#wake = () => {};
        this.#isPending = false;
        resolve();
      };
      if (this.#isPending || signal.aborted) return done();
      this.#wake = done;
      signal.addEventListener('abort', done);
    });
  }
}
