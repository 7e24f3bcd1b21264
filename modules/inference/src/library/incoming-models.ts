import { appendFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import { diskFailure } from './disk-failure.ts';
import { hashFile } from './hash-file.ts';

/** Parts of models that nobody has added to for this long are removed. */
const MAX_IDLE_MS = 24 * 3_600_000;

/**
 * Model files on their way in, each named by the hash that it must have in the end: what a download or an upload had when it
 * broke off is there when it goes on, also after a restart.
 */
export class IncomingModels {
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  static async open(dir: string, clock: () => number = Date.now): Promise<IncomingModels> {
    await mkdir(dir, { recursive: true });
    for (const name of await readdir(dir)) {
      const { mtimeMs } = await stat(join(dir, name));
      if (clock() - mtimeMs > MAX_IDLE_MS) {
        await rm(join(dir, name), { force: true });
      }
    }
    return new IncomingModels(dir);
  }

  pathOf(sha256: string): string {
    return join(this.#dir, `${sha256}.part`);
  }

  /** Bytes that are here already. */
  async received(sha256: string): Promise<number> {
    return stat(this.pathOf(sha256)).then(
      ({ size }) => size,
      () => 0,
    );
  }

  async append(sha256: string, bytes: Uint8Array): Promise<void> {
    try {
      await appendFile(this.pathOf(sha256), bytes);
    } catch (error) {
      throw diskFailure('the model that comes in', error);
    }
  }

  /** Checks the whole file. ConfigError MODEL_SHA256_MISMATCH; it is gone then, since nobody knows which part is wrong. */
  async verify(sha256: string): Promise<string> {
    const found = await hashFile(this.pathOf(sha256));
    if (found !== sha256) {
      await this.discard(sha256);
      throw new ConfigError('MODEL_SHA256_MISMATCH', `the model that came has SHA-256 ${found}, not ${sha256}`, {
        details: { expected: sha256, found },
      });
    }
    return this.pathOf(sha256);
  }

  async discard(sha256: string): Promise<void> {
    await rm(this.pathOf(sha256), { force: true });
  }
}
