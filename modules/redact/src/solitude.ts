/**
 * Runs work side by side, and suspicious work alone: a frame whose last attempt never ended may have killed the
 * process, and whatever ran beside it would be blamed too.
 */
export class Solitude {
  #together = 0;
  #isAlone = false;
  /** Those who want to be alone; while there are any, nothing new is begun together. */
  #wishes = 0;
  #changed = Promise.withResolvers<void>();

  async together<T>(work: () => Promise<T>): Promise<T> {
    while (this.#isAlone || this.#wishes > 0) await this.#changed.promise;
    this.#together += 1;
    try {
      return await work();
    } finally {
      this.#together -= 1;
      this.#change();
    }
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    this.#wishes += 1;
    while (this.#isAlone || this.#together > 0) await this.#changed.promise;
    this.#wishes -= 1;
    this.#isAlone = true;
    try {
      return await work();
    } finally {
      this.#isAlone = false;
      this.#change();
    }
  }

  #change(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }
}
