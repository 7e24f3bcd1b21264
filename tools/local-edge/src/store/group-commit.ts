import type { DatabaseSync } from 'node:sqlite';

interface Waiting {
  readonly write: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects the writes that come in during one turn of the event loop and commits them together: one transaction for a whole
 * socket chunk of messages instead of one for each. Writes are carried out in the order in which they were asked for.
 */
export class GroupCommit {
  readonly #database: DatabaseSync;
  #waiting: Waiting[] = [];
  #scheduled: NodeJS.Immediate | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Resolves once `write` has been committed. Rejects, with nothing of the group stored, when the disk refuses. */
  run(write: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject });
      this.#scheduled ??= setImmediate(() => this.flush());
    });
  }

  /** Commits what waits, now. */
  flush(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    const group = this.#waiting;
    if (group.length === 0) return;
    this.#waiting = [];
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      for (const { write } of group) write();
      this.#database.exec('COMMIT');
    } catch (error) {
      // Both questions: a closed database cannot be asked whether it is in a transaction.
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec('ROLLBACK');
      for (const { reject } of group) reject(error);
      return;
    }
    for (const { resolve } of group) resolve();
  }
}
