import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Claim, ClaimFile, claimBytes, parseClaim } from './claim-file.ts';
import type { FileOps } from './file-ops.ts';
import { orAbsent } from './store-error.ts';
import { idOfClaimName, type StoreLayout } from './store-layout.ts';
import { type TemporaryFiles, writeFully } from './temporary-files.ts';

export interface ClaimOptions {
  /** Who claims: a module's id. A new process of the same owner takes over what a dead one held. */
  readonly owner: string;
  /** Random for each process of the owner. */
  readonly instance: string;
  /** After this long without `renew` anybody may take the item over. */
  readonly leaseMs: number;
}

export interface Lease {
  /** 1 for the first claim of the item; counts those that ended without `settle` or `release`. */
  readonly attempt: number;
  /** Gives the item back unharmed: this attempt is not counted. Idempotent. */
  release(): Promise<void>;
  /** Starts the lease anew, for work that takes longer. False when the lease ran out and another has the item. */
  renew(): Promise<boolean>;
}

export interface ClaimsParts {
  readonly layout: StoreLayout;
  readonly temporary: TemporaryFiles;
  readonly files: FileOps;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** A claim file that a power cut has emptied blocks its item for this long. */
const UNWRITTEN_CLAIM_MS = 30_000;
/** An orphaned claim younger than this may belong to an item that was put after the items were listed. */
const ORPHAN_AFTER_MS = 60_000;

/**
 * Who works on which item, as files `<id>.<attempt>`: making one is the one atomic step in which a process
 * gets an item, also against processes in other containers, and the number in the name makes the attempt count survive
 * the death of whoever it counts. Earlier attempts' files stay until the item is settled.
 *
 * Nothing here is fsynced. A killed process leaves its writes in the page cache, so only a power cut can lose a claim, and
 * what it loses is one attempt's count, or one frame worked on twice to the same result.
 */
export class Claims {
  readonly #layout: StoreLayout;
  readonly #temporary: TemporaryFiles;
  readonly #files: FileOps;
  readonly #clock: () => number;
  readonly #file: ClaimFile;

  constructor({ layout, temporary, files, clock }: ClaimsParts) {
    this.#layout = layout;
    this.#temporary = temporary;
    this.#files = files;
    this.#clock = clock;
    this.#file = new ClaimFile({ temporaryDir: layout.temporary, files, clock });
  }

  /** `undefined` when somebody else holds the item. Does not look whether the item exists. */
  async take(id: string, options: ClaimOptions): Promise<Lease | undefined> {
    for (let attempt = 1; ; attempt++) {
      const path = this.#layout.claim(id, attempt);
      const claim = await this.#file.linkTo(path, pick(options));
      if (claim !== undefined) {
        return this.#lease(id, attempt, claim);
      }
      const isLast = (await orAbsent(this.#files.stat(this.#layout.claim(id, attempt + 1)))) === undefined;
      const state = isLast ? await this.#stateOf(path, options) : 'over';
      if (state === 'held') {
        return undefined;
      }
      if (state === 'gone') {
        // Released since. From the first again: a gap in the row would hide later attempts from others.
        attempt = 0;
      }
    }
  }

  /** Forgets all attempts at an item that is gone. */
  async forget(id: string): Promise<void> {
    for (let attempt = 1; await this.#remove(this.#layout.claim(id, attempt)); attempt++);
  }

  /** Removes claims of items that are gone: their process was killed between the two removals of `settle`. */
  async removeOrphans(itemExists: (id: string) => boolean): Promise<void> {
    for (const name of await readdir(this.#layout.claims)) {
      if (!itemExists(idOfClaimName(name))) {
        const path = join(this.#layout.claims, name);
        const found = await orAbsent(this.#files.stat(path));
        if (found !== undefined && this.#clock() - found.mtimeMs > ORPHAN_AFTER_MS) {
          await rm(path, { force: true });
        }
      }
    }
  }

  async #stateOf(path: string, options: ClaimOptions): Promise<'held' | 'over' | 'gone'> {
    const text = (await orAbsent(this.#files.readFile(path)))?.toString('utf8');
    if (text === undefined) {
      return 'gone';
    }
    const claim = parseClaim(text);
    if (claim === undefined) {
      const found = await orAbsent(this.#files.stat(path));
      return found !== undefined && this.#clock() - found.mtimeMs < UNWRITTEN_CLAIM_MS ? 'held' : 'over';
    }
    if (claim.owner === options.owner && claim.instance !== options.instance) {
      return 'over';
    }
    const age = this.#clock() - claim.since;
    // A claim from the future was made before the clock was set back: it must not hold its item until then.
    return age >= 0 && age < claim.leaseMs ? 'held' : 'over';
  }

  /** Removes the file that claims are names of; the next claim makes another. Leases stay. */
  close(): Promise<void> {
    return this.#file.remove();
  }

  #lease(id: string, attempt: number, claim: Claim): Lease {
    const path = this.#layout.claim(id, attempt);
    let since = claim.since;
    const isStillOurs = async () =>
      this.#clock() - since < claim.leaseMs ||
      (await orAbsent(this.#files.stat(this.#layout.claim(id, attempt + 1)))) === undefined;
    return {
      attempt,
      release: async () => {
        // Without the last one in the row of attempts, a later one would be overlooked.
        if (await isStillOurs()) {
          await this.#remove(path);
        }
      },
      renew: async () => {
        if (!(await isStillOurs())) {
          return false;
        }
        since = this.#clock();
        const renewed = claimBytes({ ...claim, since });
        await this.#temporary.writeTo(path, (file) => writeFully(file, [renewed]), { durable: false });
        return true;
      },
    };
  }

  /** Whether the file was there. */
  async #remove(path: string): Promise<boolean> {
    return (await orAbsent(this.#files.unlink(path).then(() => true))) ?? false;
  }
}

function pick({ owner, instance, leaseMs }: ClaimOptions): Omit<Claim, 'since'> {
  return { owner, instance, leaseMs };
}
