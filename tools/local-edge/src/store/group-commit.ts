import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { TransientError } from '@edgeveil/contracts';
import type { DiskReserve } from './disk-reserve.ts';

interface Waiting {
  readonly write: () => void;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What keeps counts in memory of what is in the database, and has them follow the transactions. */
export interface Ledger {
  /**
   * Runs in every transaction before the writes: the place for removals, which make room for them. `isDue` is false in a transaction that came
   * about for the writes alone, in which what can wait may wait.
   */
  prepare?(isDue: boolean): void;
  committed(): void;
  rolledBack(): void;
}

export interface GroupCommitOptions {
  readonly database: DatabaseSync;
  readonly ledgers?: readonly Ledger[];
  /** Whether a write of so many bytes may be stored now. Asked inside the transaction, write by write. */
  readonly hasRoom?: (bytes: number) => boolean;
  readonly reserve?: DiskReserve;
  /** Writes wait from here on: the disk refuses, or (no error) there is no room. Told once, until `onAccepted`. */
  readonly onRefused?: (error: Error | undefined) => void;
  /** All that waited is stored, and nothing had to wait since for a while. */
  readonly onAccepted?: () => void;
}

const removalDelayMs = 10;
const retryMs = 500;
// Where room comes piece by piece, that is one story and not a hundred.
const acceptedAfterMs = 1000;

/**
 * Collects the writes that come in during one turn of the event loop and commits them together: one transaction for a whole socket chunk of
 * messages instead of one for each. Writes are carried out in the order in which they were asked for, always: where the disk refuses or there is no
 * room they wait, the later behind the earlier, and are tried again by themselves.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #ledgers: Ledger[];
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  #waiting: Waiting[] = [];
  #immediate: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isRefused = false;
  #isPressed = false;
  #isToldRefused = false;
  #tellAccepted: NodeJS.Timeout | undefined;
  #isStopped = false;
  /** Writes to a transaction: one at a time after a failure, doubled with each success. */
  #limit = Number.POSITIVE_INFINITY;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#begin = options.database.prepare('BEGIN IMMEDIATE');
    this.#commit = options.database.prepare('COMMIT');
    this.#ledgers = [...(options.ledgers ?? [])];
  }

  /** Has one more ledger follow the transactions. */
  follow(ledger: Ledger): void {
    this.#ledgers.push(ledger);
  }

  /** Whether writes wait for room. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /**
   * Resolves once `write` has been committed. Rejects when `write` itself is wrong, and for what still waits when the hub stops.
   * @throws TransientError EDGE_STOPPED
   */
  run(write: () => void, bytes = 0): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isStopped) {
        reject(stopped());
        return;
      }
      this.#waiting.push({ write, bytes, resolve, reject });
      // While writes are refused the timer and removals decide when to try again.
      if (!this.#isRefused) this.#schedule();
    });
  }

  /** Has the ledgers' removals committed before long; nobody waits for them, and many go into one transaction. */
  soon(): void {
    if (this.#isStopped) return;
    this.#later ??= setTimeout(() => this.flush(), removalDelayMs);
  }

  /** Has a transaction come with the next turn of the event loop, so that the ledgers can go on. */
  next(): void {
    this.#isPressed = true;
    this.#schedule();
  }

  #schedule(): void {
    if (!this.#isStopped) this.#immediate ??= setImmediate(() => this.flush(this.#isRefused || this.#isPressed));
  }

  /** Commits what waits, now, as far as there is room. */
  flush(isDue = true): void {
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    this.#isPressed = false;
    if (isDue) {
      clearTimeout(this.#later);
      this.#later = undefined;
    }
    if (!this.#options.database.isOpen) return;
    let count = 0;
    try {
      this.#transaction(isDue, () => {
        for (const { write, bytes } of this.#waiting) {
          if (count >= this.#limit || !this.#hasRoom(bytes)) break;
          count += 1;
          write();
        }
      });
    } catch (error) {
      this.#failed(error, count);
      return;
    }
    const isLimited = count >= this.#limit;
    this.#limit *= 2;
    for (const { resolve } of this.#waiting.splice(0, count)) resolve();
    if (this.#waiting.length === 0) this.#accept();
    else if (isLimited) this.next();
    else this.#refuse(undefined);
  }

  /** Does something in a transaction of its own, at once; throws what the database throws. */
  now<T>(write: () => T): T {
    let result: { readonly value: T } | undefined;
    this.#transaction(true, () => {
      result = { value: write() };
    });
    if (result === undefined) throw stopped();
    return result.value;
  }

  /** Commits what it can and ends. What waits is given up: its senders were told nothing, and send it again. */
  stop(): void {
    this.flush();
    this.#isStopped = true;
    clearImmediate(this.#immediate);
    clearTimeout(this.#later);
    clearTimeout(this.#retry);
    clearTimeout(this.#tellAccepted);
    for (const { reject } of this.#waiting.splice(0)) reject(stopped());
  }

  #hasRoom(bytes: number): boolean {
    const { hasRoom, reserve } = this.#options;
    return (hasRoom === undefined || hasRoom(bytes)) && (reserve === undefined || reserve.allows(bytes));
  }

  #transaction(isDue: boolean, work: () => void): void {
    const { database } = this.#options;
    try {
      this.#begin.run();
      for (const ledger of this.#ledgers) ledger.prepare?.(isDue);
      work();
      this.#commit.run();
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      for (const ledger of this.#ledgers) ledger.rolledBack();
      throw error;
    }
    for (const ledger of this.#ledgers) ledger.committed();
  }

  #failed(error: unknown, count: number): void {
    if (count > 0 && !isDisks(error)) {
      // One of the writes is wrong. Alone it will show.
      if (count === 1) this.#waiting.shift()?.reject(error);
      this.#limit = 1;
      if (this.#waiting.length > 0) this.next();
      return;
    }
    this.#limit = 1;
    try {
      this.#options.reserve?.release();
      this.#transaction(true, () => undefined);
    } catch {
      // Removals go on waiting as well.
    }
    this.#refuse(error instanceof Error ? error : new RangeError(String(error)));
  }

  #refuse(error: Error | undefined): void {
    clearTimeout(this.#retry);
    if (!this.#isStopped) this.#retry = setTimeout(() => this.flush(), retryMs);
    clearTimeout(this.#tellAccepted);
    this.#isRefused = true;
    if (this.#isToldRefused) return;
    this.#isToldRefused = true;
    this.#options.onRefused?.(error);
  }

  #accept(): void {
    if (!this.#isRefused) return;
    clearTimeout(this.#retry);
    this.#isRefused = false;
    this.#tellAccepted = setTimeout(() => {
      this.#isToldRefused = false;
      this.#options.onAccepted?.();
    }, acceptedAfterMs);
  }
}

// SQLite's primary result codes: busy, locked, no memory, read-only, interrupted, I/O, full, cannot open.
const diskCodes = new Set([5, 6, 7, 8, 9, 10, 13, 14]);

function isDisks(error: unknown): boolean {
  return (
    error instanceof Error &&
    'errcode' in error &&
    typeof error.errcode === 'number' &&
    diskCodes.has(error.errcode & 0xff)
  );
}

function stopped(): TransientError {
  return new TransientError('EDGE_STOPPED', 'the hub has stopped before the message was stored');
}
