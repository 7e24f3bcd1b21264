import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileOps, StoreFile } from './file-ops.ts';
import { orAbsent } from './store-error.ts';

/** Nothing takes this long between two writes to a file; process ids do not help, each container counts its own. */
const LEFT_OVER_AFTER_MS = 60_000;

export interface WriteOptions {
  /** The content is on disk before the file gets its name. */
  readonly durable: boolean;
}

/** Writes files under a temporary name, so that a process killed at any byte leaves a whole file or none. */
export class TemporaryFiles {
  readonly #path: string;
  readonly #files: FileOps;
  #cleanedAt = Number.NEGATIVE_INFINITY;

  constructor(path: string, files: FileOps) {
    this.#path = path;
    this.#files = files;
  }

  /** Fills a file through `write`, then renames it to `target`. On any failure nothing is left behind. */
  async writeTo(target: string, write: (file: StoreFile) => Promise<void>, options: WriteOptions): Promise<void> {
    const path = join(this.#path, randomBytes(12).toString('hex'));
    try {
      const file = await this.#files.open(path, 'wx', 0o600);
      try {
        await write(file);
        if (options.durable) {
          await file.datasync();
        }
      } finally {
        await file.close();
      }
      await this.#files.rename(path, target);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  /** Removes what killed processes left, at most once a minute. */
  async removeLeftOvers(now: number): Promise<void> {
    if (now - this.#cleanedAt < LEFT_OVER_AFTER_MS) {
      return;
    }
    this.#cleanedAt = now;
    for (const name of await readdir(this.#path)) {
      const path = join(this.#path, name);
      const found = await orAbsent(stat(path));
      if (found?.isFile() === true && now - found.mtimeMs > LEFT_OVER_AFTER_MS) {
        await rm(path, { force: true });
      }
    }
  }
}

/** Writes all buffers in order, however often the system takes less than it was given. */
export async function writeFully(file: StoreFile, buffers: readonly Buffer[]): Promise<void> {
  let rest = [...buffers];
  while (rest.length > 0) {
    let { bytesWritten } = await file.writev(rest);
    const left: Buffer[] = [];
    for (const buffer of rest) {
      const skipped = Math.min(bytesWritten, buffer.length);
      bytesWritten -= skipped;
      if (skipped < buffer.length) {
        left.push(buffer.subarray(skipped));
      }
    }
    rest = left;
  }
}
