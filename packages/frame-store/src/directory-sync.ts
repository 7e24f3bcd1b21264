import { open } from 'node:fs/promises';

/**
 * Makes renames in one directory durable, once for all that wait: a request that comes while an fsync is under way may
 * have renamed after that fsync began, so it waits for the next one, together with every other.
 */
export class DirectorySync {
  readonly #path: string;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Resolves when every rename made before this call is on disk. */
  request(): Promise<void> {
    if (this.#running === undefined) {
      return this.#start();
    }
    this.#next ??= this.#running.then(
      () => this.#start(),
      () => this.#start(),
    );
    return this.#next;
  }

  #start(): Promise<void> {
    this.#next = undefined;
    const running = this.#sync().finally(() => {
      if (this.#running === running) {
        this.#running = undefined;
      }
    });
    this.#running = running;
    return running;
  }

  async #sync(): Promise<void> {
    const directory = await open(this.#path, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }
}
