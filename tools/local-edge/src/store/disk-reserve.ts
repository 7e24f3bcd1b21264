import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

// Half as much again as the write-ahead log between two checkpoints, so that a checkpoint and a removal always find room.
const reserveBytes = 12_582_912;
const holdIntervalMs = 1000;
const block = Buffer.alloc(1_048_576);

/**
 * Room on the disk that is given up when the disk is full. A full disk refuses removals too, because they are written to the log first: without
 * this a queue that filled the disk could never be emptied. While the reserve is gone, only as much is stored as the database has free pages.
 */
export class DiskReserve {
  readonly #database: DatabaseSync;
  readonly #path: string | undefined;
  #isHeld = false;
  #triedAt = 0;

  private constructor(database: DatabaseSync, path: string | undefined) {
    this.#database = database;
    this.#path = path;
  }

  /** Beside the database; nothing for one in memory. */
  static open(database: DatabaseSync): DiskReserve {
    const location = database.location();
    const reserve = new DiskReserve(database, location === null ? undefined : `${location}-reserve`);
    reserve.#hold();
    return reserve;
  }

  /** Gives the room up for a checkpoint and the removals that follow. */
  release(): void {
    if (this.#path === undefined) return;
    this.#isHeld = false;
    remove(this.#path);
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  /** Whether so many bytes may be stored: there is the reserve again, or room within the database file. */
  allows(bytes: number): boolean {
    if (this.#path === undefined || this.#isHeld) return true;
    if (Math.abs(Date.now() - this.#triedAt) >= holdIntervalMs) this.#hold();
    if (this.#isHeld) return true;
    const { freelist_count: pages } = this.#database.prepare('PRAGMA freelist_count').get() ?? {};
    const { page_size: size } = this.#database.prepare('PRAGMA page_size').get() ?? {};
    return Number(pages) * Number(size) > 2 * bytes + block.length;
  }

  #hold(): void {
    if (this.#path === undefined) return;
    this.#triedAt = Date.now();
    try {
      const file = openSync(this.#path, 'w', 0o600);
      try {
        // A nearly full disk may take a part of a block and say nothing; `writeFileSync` goes on until it takes all or refuses.
        for (let written = 0; written < reserveBytes; written += block.length) writeFileSync(file, block);
      } finally {
        closeSync(file);
      }
      this.#isHeld = true;
    } catch {
      this.#isHeld = false;
      remove(this.#path);
    }
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Not there, which is all that is wanted.
  }
}
