import { TransientError } from '@edgeveil/contracts';
import type { Client } from 'aedes';
import type { InputConnection } from '../delivery/module-channel.ts';
import type { Identity } from './edge-message.ts';
import { clientIdOf } from './edge-message.ts';
import { type Feature, featureOf } from './subscription-feature.ts';

/** One client that has logged in, from its CONNACK to its end. */
export class MqttConnection implements InputConnection {
  readonly identity: Identity;
  readonly clientId: string;
  readonly #client: Client;
  readonly #filters = new Set<string>();
  #features: ReadonlySet<Feature> = new Set();
  #inFlight: { messageId: number | undefined; settle: (error?: Error) => void } | undefined;

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
    this.#client.publish(
      { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 0, retain: false, dup: false },
      () => undefined,
    );
  }

  /** Only one delivery at a time; the channel sees to it. */
  deliver(topic: string, payload: Buffer, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          settle(
            new TransientError('EDGE_NOT_ACKNOWLEDGED', `${this.clientId} did not acknowledge in ${timeoutMs} ms`),
          ),
        timeoutMs,
      );
      const settle = (error?: Error) => {
        clearTimeout(timer);
        this.#inFlight = undefined;
        if (error === undefined) resolve();
        else reject(error);
      };
      this.#inFlight = { messageId: undefined, settle };
      if (this.#client.closed) {
        this.end();
        return;
      }
      this.#client.publish({ cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false }, () => undefined);
    });
  }

  /** The message under way has got its id. */
  sending(messageId: number): void {
    if (this.#inFlight?.messageId === undefined && this.#inFlight !== undefined) this.#inFlight.messageId = messageId;
  }

  /** A PUBACK has come. A late one, for a delivery that was given up, matches nothing. */
  acknowledged(messageId: number): void {
    if (this.#inFlight?.messageId === messageId) this.#inFlight.settle();
  }

  /** Closes the connection from the hub's side. */
  close(): void {
    this.#client.close();
  }

  /** The connection is gone. */
  end(): void {
    this.#inFlight?.settle(new TransientError('EDGE_CONNECTION_LOST', `the connection of ${this.clientId} has ended`));
  }
}
