import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { orAbsent } from './store-error.ts';
import { idOfItemName } from './store-layout.ts';

export interface Usage {
  readonly items: number;
  /** Bytes on disk, sealed. */
  readonly bytes: number;
  /** Files in the items' directory that are none of the store's: left alone. */
  readonly foreign: number;
}

/** Files looked at together: more would only queue up in Node's thread pool. */
const STATS_AT_A_TIME = 32;

/**
 * How much is in a store that several processes fill and empty. Each refresh lists the names and asks the size only of
 * those it has not seen before, so that what waits for weeks is looked at once.
 */
export class UsageOf {
  readonly #path: string;
  readonly #clock: () => number;
  #sizes = new Map<string, number>();
  #bytes = 0;
  #foreign = 0;
  #refreshing: Promise<Usage> | undefined;
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #tookMs = 0;

  constructor(path: string, clock: () => number) {
    this.#path = path;
    this.#clock = clock;
  }

  get current(): Usage {
    return { items: this.#sizes.size, bytes: this.#bytes, foreign: this.#foreign };
  }

  /** Time for another listing: a second after the last, or later where a listing would take up more than a twentieth of the time. */
  get isStale(): boolean {
    return this.#ageMs > Math.max(1000, 20 * this.#tookMs);
  }

  get #ageMs(): number {
    return this.#clock() - this.#refreshedAt;
  }

  /** Counts what this process puts between two refreshes. */
  added(id: string, bytes: number): void {
    // Who never asks for the usage is not to collect ids for ever.
    if (this.#ageMs < 60_000) {
      this.removed(id);
      this.#sizes.set(id, bytes);
      this.#bytes += bytes;
    }
  }

  removed(id: string): void {
    this.#bytes -= this.#sizes.get(id) ?? 0;
    this.#sizes.delete(id);
  }

  /** Lists anew. Calls that come while it is listing get that listing. */
  refresh(): Promise<Usage> {
    this.#refreshing ??= this.#list().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #list(): Promise<Usage> {
    const startedAt = performance.now();
    const sizes = new Map<string, number>();
    const unseen: string[] = [];
    let foreign = 0;
    for (const name of await readdir(this.#path)) {
      const id = idOfItemName(name);
      const known = id === undefined ? undefined : this.#sizes.get(id);
      if (id === undefined) {
        foreign++;
      } else if (known === undefined) {
        unseen.push(name);
      } else {
        sizes.set(id, known);
      }
    }
    for (let start = 0; start < unseen.length; start += STATS_AT_A_TIME) {
      await Promise.all(
        unseen.slice(start, start + STATS_AT_A_TIME).map(async (name) => {
          const found = await orAbsent(stat(join(this.#path, name)));
          const id = idOfItemName(name);
          if (found !== undefined && id !== undefined) {
            sizes.set(id, found.size);
          }
        }),
      );
    }
    this.#sizes = sizes;
    this.#bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    this.#foreign = foreign;
    this.#refreshedAt = this.#clock();
    this.#tookMs = performance.now() - startedAt;
    return this.current;
  }
}
