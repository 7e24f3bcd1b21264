import { Readable } from 'node:stream';
import type { SubscriptionStore } from '../store/subscription-store.ts';

interface AedesClient {
  readonly id: string;
}

interface AedesPacket {
  readonly messageId?: number;
}

export interface SessionPersistenceOptions {
  readonly subscriptions: SubscriptionStore;
  /** The client has acknowledged a message id. */
  readonly onAcknowledged: (client: object, messageId: number) => void;
}

/**
 * What aedes asks of a persistence, reduced to what edgeHub keeps in an MQTT session: the subscriptions. Messages never wait in the session, they
 * wait in the stored queues, and nothing is retained. The ids of acknowledged messages pass through here.
 */
export class AedesSessionPersistence {
  readonly #options: SessionPersistenceOptions;

  constructor(options: SessionPersistenceOptions) {
    this.#options = options;
  }

  async setup(): Promise<void> {}

  async addSubscriptions(client: AedesClient, subscriptions: readonly { topic: string; qos: number }[]): Promise<void> {
    this.#options.subscriptions.put(client.id, subscriptions);
  }

  async removeSubscriptions(client: AedesClient, filters: readonly string[]): Promise<void> {
    this.#options.subscriptions.remove(client.id, filters);
  }

  async subscriptionsByClient(client: AedesClient): Promise<{ topic: string; qos: 0 | 1 | 2 }[]> {
    return this.#options.subscriptions.list(client.id);
  }

  async cleanSubscriptions(client: AedesClient): Promise<void> {
    this.#options.subscriptions.clear(client.id);
  }

  async outgoingEnqueue(): Promise<void> {}

  async outgoingUpdate(): Promise<void> {}

  async outgoingClearMessageId(client: AedesClient, packet: AedesPacket): Promise<AedesPacket> {
    if (packet.messageId !== undefined) this.#options.onAcknowledged(client, packet.messageId);
    return packet;
  }

  // Nothing is matched against subscriptions, retained or queued by aedes.
  async subscriptionsByTopic(): Promise<[]> {
    return [];
  }
  async outgoingEnqueueCombi(): Promise<void> {}
  async storeRetained(): Promise<void> {}
  async countOffline(): Promise<{ subsCount: number; clientsCount: number }> {
    return { subsCount: 0, clientsCount: 0 };
  }
  outgoingStream(): Readable {
    return Readable.from([]);
  }
  createRetainedStream(): Readable {
    return Readable.from([]);
  }
  createRetainedStreamCombi(): Readable {
    return Readable.from([]);
  }
  getClientList(): Readable {
    return Readable.from([]);
  }

  // QoS 2 is refused before it gets here.
  async incomingStorePacket(): Promise<void> {}
  async incomingGetPacket(): Promise<never> {
    return Promise.reject(new RangeError('no such packet'));
  }
  async incomingDelPacket(): Promise<void> {}
  async cleanIncoming(): Promise<void> {}

  // A will is kept by aedes in its client object; one that outlived a kill of the hub would come too late for anybody.
  async putWill(): Promise<void> {}
  async getWill(): Promise<undefined> {
    return undefined;
  }
  async delWill(): Promise<undefined> {
    return undefined;
  }
  streamWill(): Readable {
    return Readable.from([]);
  }

  async destroy(): Promise<void> {}
}
