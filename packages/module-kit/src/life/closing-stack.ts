import type { Log } from '../log.ts';

interface Opened {
  readonly name: string;
  readonly close: () => Promise<void> | void;
}

/** What has been opened, to be closed in reverse order. */
export class ClosingStack {
  readonly #opened: Opened[] = [];
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  push(name: string, close: () => Promise<void> | void): void {
    this.#opened.push({ name, close });
  }

  /** Names of what is not closed yet, the one being closed included. */
  get open(): readonly string[] {
    return this.#opened.map(({ name }) => name);
  }

  /** Closes all; each failure is logged. Resolves to whether there was none. */
  async close(): Promise<boolean> {
    let isClean = true;
    for (let last = this.#opened.at(-1); last !== undefined; last = this.#opened.at(-1)) {
      try {
        await last.close();
      } catch (error) {
        isClean = false;
        this.#log.error('not closed cleanly', { part: last.name, error });
      }
      this.#opened.pop();
    }
    return isClean;
  }
}
