import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { FileOps } from './file-ops.ts';
import { errnoOf, orAbsent } from './store-error.ts';
import { writeFully } from './temporary-files.ts';

const claimSchema = z.object({ owner: z.string(), instance: z.string(), leaseMs: z.number(), since: z.number() });
/** Who has an item, and since when, in ms since 1970. */
export type Claim = z.infer<typeof claimSchema>;

/** What a claim file holds; `undefined` when it is not all there. */
export function parseClaim(text: string): Claim | undefined {
  try {
    return claimSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export function claimBytes(claim: Claim): Buffer {
  return Buffer.from(JSON.stringify(claim), 'utf8');
}

/** Claims made within this share of a lease say the same beginning of it, so that one ends by as much too early. */
const SHARED_SHARE = 1 / 50;
const SHARED_MS = 10_000;

interface CurrentFile {
  readonly claim: Claim;
  /** Once it is written. */
  readonly path: Promise<string>;
}

export interface ClaimFileParts {
  readonly temporaryDir: string;
  readonly files: FileOps;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/**
 * The content of claims, in one file of which every claim is one more name. A hard link is made in one step, all there or not at all, by one
 * process of many; a file for each claim would take three operations, and ext4, which does not give the inode of a deleted file
 * to the next one for five seconds, would look through those of all the claims before: 0.4 ms for each at 80 a second.
 */
export class ClaimFile {
  readonly #parts: ClaimFileParts;
  /** By who claims, and for how long. */
  readonly #current = new Map<string, CurrentFile>();

  constructor(parts: ClaimFileParts) {
    this.#parts = parts;
  }

  /** Makes `name` say that the item is claimed. `undefined` when there is a file of that name. */
  async linkTo(name: string, by: Omit<Claim, 'since'>): Promise<Claim | undefined> {
    for (let isAgain = false; ; isAgain = true) {
      const { claim, path } = this.#fresh(by);
      const file = await path;
      try {
        await this.#parts.files.link(file, name);
        return claim;
      } catch (error) {
        const errno = errnoOf(error);
        if (errno === 'EEXIST') {
          return undefined;
        }
        // It has as many names as a file can have, or has given way to a newer one, or somebody has tidied it away.
        if (isAgain || (errno !== 'EMLINK' && errno !== 'ENOENT')) {
          throw error;
        }
        const key = keyOf(by);
        if (this.#current.get(key)?.claim === claim) {
          await this.#remove(key);
        }
      }
    }
  }

  /** The claims stay. */
  async remove(): Promise<void> {
    await Promise.all([...this.#current.keys()].map((key) => this.#remove(key)));
  }

  #fresh(by: Omit<Claim, 'since'>): CurrentFile {
    const key = keyOf(by);
    const known = this.#current.get(key);
    const age = this.#parts.clock() - (known?.claim.since ?? 0);
    if (known !== undefined && age >= 0 && age <= Math.min(by.leaseMs * SHARED_SHARE, SHARED_MS)) {
      return known;
    }
    const before = this.#remove(key);
    const claim = { ...by, since: this.#parts.clock() };
    const current = { claim, path: before.then(() => this.#write(claim)) };
    this.#current.set(key, current);
    current.path.catch(() => {
      // The next claim tries anew.
      if (this.#current.get(key) === current) {
        this.#current.delete(key);
      }
    });
    return current;
  }

  async #remove(key: string): Promise<void> {
    const current = this.#current.get(key);
    this.#current.delete(key);
    const path = await current?.path.catch(() => undefined);
    if (path !== undefined) {
      await orAbsent(this.#parts.files.unlink(path));
    }
  }

  async #write(claim: Claim): Promise<string> {
    const { files, temporaryDir } = this.#parts;
    const path = join(temporaryDir, randomBytes(12).toString('hex'));
    const file = await files.open(path, 'wx', 0o600);
    try {
      await writeFully(file, [claimBytes(claim)]);
    } catch (error) {
      await orAbsent(files.unlink(path));
      throw error;
    } finally {
      await file.close();
    }
    return path;
  }
}

function keyOf({ owner, instance, leaseMs }: Omit<Claim, 'since'>): string {
  return JSON.stringify([owner, instance, leaseMs]);
}
