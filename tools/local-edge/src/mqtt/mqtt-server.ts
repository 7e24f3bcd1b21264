import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { ConfigError } from '@edgeveil/contracts';
import type { Aedes, Client } from 'aedes';
import type { SubscriptionStore } from '../store/subscription-store.ts';
import { AedesSessionPersistence } from './aedes-session-persistence.ts';
import { EdgeBroker } from './edge-broker.ts';
import type { Identity } from './edge-message.ts';
import { limitGrantedQos } from './limit-granted-qos.ts';
import { MqttConnection } from './mqtt-connection.ts';
import { limitPacketSize } from './packet-limit.ts';
import { SilentEmitter } from './silent-emitter.ts';

export interface InboundPacket {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly dup: boolean;
}

/** Decides who may connect and what becomes of what clients send. */
export interface MqttHandler {
  /** The identity, or the CONNACK code to refuse with: 5 is final for the Node SDK, 3 makes it try again. */
  authenticate(login: {
    clientId: string;
    username: string | undefined;
    password: string | undefined;
  }): Identity | { readonly refuse: 3 | 5; readonly reason: string };
  connected(connection: MqttConnection): void;
  featuresChanged(connection: MqttConnection): void;
  disconnected(connection: MqttConnection): void;
  /** A publish at QoS 1 is acknowledged when this resolves; a rejection closes the connection. Called in the order of arrival. */
  published(connection: MqttConnection, packet: InboundPacket): Promise<void>;
  /** Something is wrong with a client, in words. */
  warn(message: string, details: Readonly<Record<string, unknown>>): void;
}

export interface MqttServerOptions {
  readonly address: string;
  readonly port: number;
  readonly key: string;
  readonly cert: string;
  readonly subscriptions: SubscriptionStore;
  readonly handler: MqttHandler;
}

// Longer keep-alive times, and none at all, are taken as this.
const maxKeepAliveSecs = 600;
const connectTimeoutMs = 60_000;

/**
 * edgeHub's MQTT endpoint: the protocol is aedes's, everything that is special to edgeHub is the handler's. aedes sends a PUBACK as soon as
 * `authorizePublish` says yes, so that hook is where a message is stored.
 */
export class MqttServer {
  readonly #options: MqttServerOptions;
  readonly #connections = new WeakMap<object, MqttConnection>();
  readonly #identities = new WeakMap<object, Identity>();
  readonly #cleanSessions = new WeakSet<object>();
  readonly #sockets = new Set<TLSSocket>();
  #server: Server | undefined;
  #broker: Aedes | undefined;

  constructor(options: MqttServerOptions) {
    this.#options = options;
  }

  /** @throws ConfigError EDGE_ADDRESS_IN_USE */
  async listen(): Promise<void> {
    const { address, port, key, cert } = this.#options;
    const broker = await this.#createBroker();
    const server = createServer({ key, cert, minVersion: 'TLSv1.2', noDelay: true }, (socket) => {
      limitPacketSize(socket, () => this.#warn('packet is too big', { peer: socket.remoteAddress }));
      limitGrantedQos(broker.handle(socket));
    });
    server.on('connection', (socket: TLSSocket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('tlsClientError', (error) => this.#warn('tls handshake failed', { error: error.message }));
    server.listen(port, address);
    this.#broker = broker;
    this.#server = server;
    try {
      await once(server, 'listening');
    } catch (cause) {
      await this.close();
      throw new ConfigError('EDGE_ADDRESS_IN_USE', `cannot listen on ${address}:${port}`, { cause });
    }
  }

  get port(): number {
    return this.#options.port;
  }

  /** Takes a connection that came to another address, TLS still to be spoken. */
  accept(socket: Socket): void {
    if (this.#server === undefined) socket.destroy();
    else this.#server.emit('connection', socket);
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    const server = this.#server;
    const broker = this.#broker;
    this.#server = undefined;
    this.#broker = undefined;
    const closed = server?.listening ? new Promise<void>((resolve) => server.close(() => resolve())) : undefined;
    if (broker !== undefined) await new Promise<void>((resolve) => broker.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #createBroker(): Promise<Aedes> {
    const { subscriptions, handler } = this.#options;
    const broker = new EdgeBroker({
      mq: new SilentEmitter(),
      persistence: new AedesSessionPersistence({
        subscriptions,
        onAcknowledged: (client, messageId) => this.#connections.get(client)?.acknowledged(messageId),
      }),
      connectTimeout: connectTimeoutMs,
      maxClientsIdLength: 65_535,
      preConnect: (client, packet, done) => {
        // aedes keeps no message ids for clean sessions. All sessions are stored ones to it; a clean one is emptied at log-in and at its end.
        if (packet.clean) this.#cleanSessions.add(client);
        packet.clean = false;
        const keepAlive = packet.keepalive ?? 0;
        packet.keepalive = keepAlive === 0 ? maxKeepAliveSecs : Math.min(keepAlive, maxKeepAliveSecs);
        done(null, true);
      },
      authenticate: (client, username, password, done) => {
        const result = handler.authenticate({ clientId: client.id, username, password: password?.toString() });
        if ('refuse' in result) {
          this.#warn('client refused', { clientId: client.id, reason: result.reason });
          done(Object.assign(new RangeError(result.reason), { returnCode: result.refuse }), false);
          return;
        }
        this.#identities.set(client, result);
        try {
          if (this.#cleanSessions.has(client)) subscriptions.clear(client.id);
        } catch (error) {
          // 3: the client is to try again.
          done(Object.assign(new RangeError(String(error)), { returnCode: 3 }), false);
          return;
        }
        done(null, true);
      },
      authorizePublish: (client, packet, done) => {
        const connection = client === null ? undefined : this.#connections.get(client);
        if (connection === undefined || packet.qos === 2) {
          done(new RangeError(packet.qos === 2 ? 'QoS 2 is not supported' : 'not connected'));
          return;
        }
        const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
        const { topic, qos, retain, dup } = packet;
        handler.published(connection, { topic, payload, qos, retain, dup }).then(
          () => done(null),
          (error: unknown) => done(error instanceof Error ? error : new RangeError(String(error))),
        );
      },
    });
    this.#follow(broker);
    await broker.listen();
    return broker;
  }

  #follow(broker: Aedes): void {
    const { handler, subscriptions } = this.#options;
    broker.on('client', (client) => {
      const identity = this.#identities.get(client);
      if (identity === undefined) return;
      this.#connections.set(client, new MqttConnection(identity, client));
    });
    // Only now has the CONNACK been written, which must be the first packet.
    broker.on('clientReady', (client) => {
      const connection = this.#connections.get(client);
      if (connection === undefined || client.closed) return;
      connection.changeFilters({ added: subscriptions.list(client.id).map(({ topic }) => topic) });
      handler.connected(connection);
    });
    broker.on('subscribe', (added, client) => {
      this.#change(client, { added: added.map(({ topic }) => topic) });
    });
    broker.on('unsubscribe', (removed, client) => {
      this.#change(client, { removed });
    });
    broker.on('clientDisconnect', (client) => {
      const connection = this.#connections.get(client);
      if (connection !== undefined) {
        connection.end();
        handler.disconnected(connection);
      }
      if (!this.#cleanSessions.has(client)) return;
      try {
        subscriptions.clear(client.id);
      } catch (error) {
        // It is cleared at the next log-in again.
        this.#warn('a clean session could not be removed', { clientId: client.id, error: String(error) });
      }
    });
    broker.on('clientError', (client, error) => {
      // What was on its way to a client that went away by itself.
      if (error.message === 'connection closed') return;
      this.#warn('client connection failed', { clientId: client.id, error: error.message });
    });
    broker.on('connectionError', (_client, error) => {
      this.#warn('connection failed before log-in', { error: error.message });
    });
    broker.on('keepaliveTimeout', (client) => this.#warn('client is silent', { clientId: client.id }));
  }

  #change(client: Client, change: Parameters<MqttConnection['changeFilters']>[0]): void {
    const connection = this.#connections.get(client);
    if (connection === undefined || client.closed) return;
    connection.changeFilters(change);
    this.#options.handler.featuresChanged(connection);
  }

  #warn(message: string, details: Readonly<Record<string, unknown>>): void {
    this.#options.handler.warn(message, details);
  }
}
