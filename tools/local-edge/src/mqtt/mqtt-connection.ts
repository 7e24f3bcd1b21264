import { TransientError } from '@edgeveil/contracts';
import type { Client } from 'aedes';
import type { InputConnection } from '../delivery/module-channel.ts';
import type { Identity } from './edge-message.ts';
import { clientIdOf } from './edge-message.ts';
import { publishPacket } from './publish-packet.ts';
import { type Feature, featureOf } from './subscription-feature.ts';

// A client that does not read what it asks for is not worth more memory than this.
const maxUnreadBytes = 4_194_304;

interface InFlight {
  readonly messageId: number;
  readonly settle: (isAcknowledged: boolean) => void;
}

/** One client that has logged in, from its CONNACK to its end. */
export class MqttConnection implements InputConnection {
  readonly identity: Identity;
  readonly clientId: string;
  readonly #client: Client;
  readonly #filters = new Set<string>();
  #features: ReadonlySet<Feature> = new Set();
  #inFlight: InFlight | undefined;
  #ackTimer: NodeJS.Timeout | undefined;
  #lastId = 0;

  constructor(identity: Identity, client: Client) {
    this.identity = identity;
    this.clientId = clientIdOf(identity);
    this.#client = client;
  }

  get features(): ReadonlySet<Feature> {
    return this.#features;
  }

  /** Notes subscriptions; they switch features on and off. */
  changeFilters(change: { readonly added?: readonly string[]; readonly removed?: readonly string[] }): void {
    for (const filter of change.added ?? []) this.#filters.add(filter);
    for (const filter of change.removed ?? []) this.#filters.delete(filter);
    this.#features = new Set([...this.#filters].map(featureOf).filter((feature) => feature !== undefined));
  }

  /** Sends at QoS 0: replies, method calls and twin changes. What cannot be sent is lost, as with the real hub. */
  send(topic: string, payload: string): void {
    if (this.#client.conn.writableLength > maxUnreadBytes) {
      this.#drop(`${this.clientId} does not read what it is sent`);
      return;
    }
    this.#client.publish(
      { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 0, retain: false, dup: false },
      () => undefined,
    );
  }

  /**
   * Only one delivery at a time; the channel sees to it. The packet goes past aedes, which would take two turns of the event loop for it. No
   * other packets of the hub's bear message ids, so that these cannot clash.
   */
  deliver(topic: string, payload: Buffer, timeoutMs: number, settle: (isAcknowledged: boolean) => void): void {
    this.#lastId = (this.#lastId % 65_535) + 1;
    const inFlight = { messageId: this.#lastId, settle };
    this.#inFlight = inFlight;
    const { conn, closed } = this.#client;
    if (closed || conn.destroyed) {
      setImmediate(() => this.#settle(inFlight, false));
      return;
    }
    conn.write(publishPacket(topic, payload, inFlight.messageId));
    // One timer for all deliveries of the connection.
    if (this.#ackTimer === undefined) this.#ackTimer = setTimeout(() => this.#timedOut(), timeoutMs);
    else this.#ackTimer.refresh();
  }

  /** A PUBACK has come. A late one, for a delivery that was given up, matches nothing. */
  acknowledged(messageId: number): void {
    if (this.#inFlight?.messageId === messageId) this.#settle(this.#inFlight, true);
  }

  /** Closes the connection from the hub's side. */
  close(): void {
    this.#client.close();
  }

  /** The connection is gone. */
  end(): void {
    clearTimeout(this.#ackTimer);
    if (this.#inFlight !== undefined) this.#settle(this.#inFlight, false);
  }

  #settle(inFlight: InFlight, isAcknowledged: boolean): void {
    if (this.#inFlight !== inFlight) return;
    this.#inFlight = undefined;
    inFlight.settle(isAcknowledged);
  }

  #timedOut(): void {
    if (this.#inFlight === undefined) return;
    // Sent again it would only lie behind what is there already.
    if (this.#client.conn.writableLength > 0) this.#drop(`${this.clientId} does not read its messages`);
    else this.#settle(this.#inFlight, false);
  }

  #drop(reason: string): void {
    this.#client.conn.destroy(new TransientError('EDGE_CLIENT_STALLED', reason));
  }
}
