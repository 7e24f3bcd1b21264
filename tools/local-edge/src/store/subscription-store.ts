import type { DatabaseSync, StatementSync } from 'node:sqlite';

export interface StoredSubscription {
  readonly topic: string;
  readonly qos: 0 | 1 | 2;
}

/**
 * The subscriptions of every client that connected without a clean session. They outlive the connection and the hub: after a reconnect the Node
 * SDK subscribes neither to twin replies nor to desired properties again, and after a token renewal to nothing at all.
 */
export class SubscriptionStore {
  readonly #list: StatementSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #clear: StatementSync;

  constructor(database: DatabaseSync) {
    this.#list = database.prepare('SELECT filter, qos FROM subscriptions WHERE client_id = ?');
    this.#put = database.prepare('INSERT OR REPLACE INTO subscriptions (client_id, filter, qos) VALUES (?, ?, ?)');
    this.#remove = database.prepare('DELETE FROM subscriptions WHERE client_id = ? AND filter = ?');
    this.#clear = database.prepare('DELETE FROM subscriptions WHERE client_id = ?');
  }

  list(clientId: string): StoredSubscription[] {
    return this.#list.all(clientId).map((row) => ({ topic: String(row.filter), qos: row.qos === 0 ? 0 : 1 }));
  }

  put(clientId: string, subscriptions: readonly { readonly topic: string; readonly qos: number }[]): void {
    for (const { topic, qos } of subscriptions) this.#put.run(clientId, topic, Math.min(qos, 1));
  }

  remove(clientId: string, filters: readonly string[]): void {
    for (const filter of filters) this.#remove.run(clientId, filter);
  }

  clear(clientId: string): void {
    this.#clear.run(clientId);
  }
}
