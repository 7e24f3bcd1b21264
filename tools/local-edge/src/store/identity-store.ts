import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

/** What proves that a client is who it says it is. */
export interface IdentityKey {
  /** Base64, the key of HMAC-SHA256 for its tokens. */
  readonly key: string;
  readonly generationId: string;
}

/** The keys of the module identities; made at first mention and kept with the state, so that tokens stay valid over a restart of the hub. */
export class IdentityStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** The key of `D/M`, made if there is none. */
  ensure(clientId: string): IdentityKey {
    const known = this.find(clientId);
    if (known !== undefined) return known;
    const identity = { key: randomBytes(32).toString('base64'), generationId: `${Date.now()}` };
    this.#database
      .prepare('INSERT INTO identities (id, key, generation_id) VALUES (?, ?, ?)')
      .run(clientId, identity.key, identity.generationId);
    return identity;
  }

  find(clientId: string): IdentityKey | undefined {
    const row = this.#database.prepare('SELECT key, generation_id FROM identities WHERE id = ?').get(clientId);
    return row && { key: String(row.key), generationId: String(row.generation_id) };
  }
}
