import type { EdgeEmitter } from '../events.ts';
import type { JsonObject } from '../twins/json-object.ts';
import type { DesiredStatus } from './live-config.ts';

interface ClientState {
  readonly status: 'Connected' | 'Disconnected';
  readonly lastConnectedTimeUtc?: string;
  readonly lastDisconnectedTimeUtc?: string;
}

/** Follows the connections for `$edgeHub`'s reported properties. `clients` starts empty, as the real hub empties it. */
export class HubReported {
  readonly #clients = new Map<string, ClientState>();

  constructor(events: EdgeEmitter, onChange: () => void) {
    events.on('connected', ({ clientId }) => {
      this.#note(clientId, { status: 'Connected', lastConnectedTimeUtc: new Date().toISOString() });
      onChange();
    });
    events.on('disconnected', ({ clientId }) => {
      this.#note(clientId, { status: 'Disconnected', lastDisconnectedTimeUtc: new Date().toISOString() });
      onChange();
    });
  }

  document(lastDesiredVersion: number, lastDesiredStatus: DesiredStatus): JsonObject {
    return {
      schemaVersion: '1.0',
      lastDesiredVersion,
      lastDesiredStatus,
      clients: Object.fromEntries(this.#clients),
    };
  }

  #note(clientId: string, state: ClientState): void {
    const key = clientId.replace(/[.$ ]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
    this.#clients.set(key, { ...this.#clients.get(key), ...state });
  }
}
