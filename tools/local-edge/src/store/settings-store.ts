import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** What an operator has switched and what is to stay so over a restart. */
export class SettingsStore {
  readonly #get: StatementSync;
  readonly #set: StatementSync;

  constructor(database: DatabaseSync) {
    this.#get = database.prepare('SELECT value FROM settings WHERE name = ?');
    this.#set = database.prepare('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)');
  }

  get(name: string): string | undefined {
    const value = this.#get.get(name)?.value;
    return typeof value === 'string' ? value : undefined;
  }

  set(name: string, value: string): void {
    this.#set.run(name, value);
  }
}
