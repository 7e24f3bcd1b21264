import { RejectedError } from '@edgeveil/contracts';
import type { EdgeEmitter } from '../events.ts';
import { clientIdOf, type EdgeMessage, type Identity } from '../mqtt/edge-message.ts';
import { parseInboundTopic } from '../mqtt/inbound-topic.ts';
import type { MqttConnection } from '../mqtt/mqtt-connection.ts';
import type { InboundPacket, MqttHandler } from '../mqtt/mqtt-server.ts';
import { maxPacketBytes } from '../mqtt/packet-limit.ts';
import { messageSize, readTelemetry } from '../mqtt/read-telemetry.ts';
import type { Feature } from '../mqtt/subscription-feature.ts';
import { isJsonObject, type JsonObject } from '../twins/json-object.ts';
import { twinBody } from '../twins/twin-body.ts';
import type { DesiredPatch, Twins } from '../twins/twins.ts';
import { type AuthenticationOptions, authenticate } from './authenticate.ts';
import { clientName, identityOfName } from './client-name.ts';
import type { MethodCalls } from './method-calls.ts';
import type { Router } from './router.ts';

export interface HubOptions {
  readonly deviceId: string;
  readonly authentication: AuthenticationOptions;
  readonly router: Router;
  readonly twins: Twins;
  readonly methods: MethodCalls;
  readonly events: EdgeEmitter;
}

// edgeHub's MaxConnectedClients.
const maxClients = 100;

/** What edgeHub does with its clients' connections: routes their messages, answers for their twins, passes on method calls. */
export class Hub implements MqttHandler {
  readonly #options: HubOptions;
  readonly #connections = new Map<string, MqttConnection>();

  constructor(options: HubOptions) {
    this.#options = options;
  }

  /** The client ids of all that are connected. */
  get clients(): string[] {
    return [...this.#connections.keys()];
  }

  authenticate(login: Parameters<MqttHandler['authenticate']>[0]): ReturnType<MqttHandler['authenticate']> {
    const result = authenticate(login, this.#options.authentication);
    if ('refuse' in result || this.#connections.has(login.clientId) || this.#connections.size < maxClients)
      return result;
    // Not final for the SDK, since somebody may leave.
    return { refuse: 3, reason: `there are ${maxClients} clients already` };
  }

  connected(connection: MqttConnection): void {
    this.#connections.set(connection.clientId, connection);
    this.#options.events.emit('connected', { clientId: connection.clientId });
    this.featuresChanged(connection);
  }

  featuresChanged(connection: MqttConnection): void {
    const { router, methods } = this.#options;
    const { clientId, features, identity } = connection;
    if (this.#connections.get(clientId) !== connection) return;
    if (features.has('methods')) methods.setTarget(clientId, connection);
    else methods.setTarget(clientId, undefined);
    if (identity.moduleId !== undefined) {
      const channel = router.channel(identity.moduleId);
      if (features.has('inputs')) channel.open(connection);
      else channel.close(connection);
    }
    if (features.has('desired')) this.#catchUp(connection);
  }

  disconnected(connection: MqttConnection): void {
    const { router, methods, events } = this.#options;
    const { clientId, identity } = connection;
    if (identity.moduleId !== undefined) router.channel(identity.moduleId).close(connection);
    if (methods.hasTarget(clientId, connection)) methods.setTarget(clientId, undefined);
    if (this.#connections.get(clientId) !== connection) return;
    this.#connections.delete(clientId);
    events.emit('disconnected', { clientId });
  }

  async published(connection: MqttConnection, packet: InboundPacket): Promise<void> {
    const topic = parseInboundTopic(packet.topic);
    switch (topic.kind) {
      case 'telemetry': {
        const sender = { deviceId: topic.deviceId, moduleId: topic.moduleId };
        // The real hub believes the topic. Here nobody speaks for somebody else.
        if (clientIdOf(sender) !== connection.clientId) {
          throw new RejectedError('EDGE_FOREIGN_TOPIC', `${connection.clientId} published as ${clientIdOf(sender)}`);
        }
        const message = readTelemetry(sender, topic.bag, packet);
        const size = messageSize(message);
        if (size > maxPacketBytes) {
          throw new RejectedError('EDGE_MESSAGE_TOO_LARGE', `${size} bytes are more than ${maxPacketBytes}`);
        }
        await this.#options.router.route(message);
        return;
      }
      case 'twin-get':
        this.#answerGet(connection, topic.requestId);
        return;
      case 'twin-patch':
        this.#answerPatch(connection, topic.requestId, packet.payload);
        return;
      case 'method-response':
        this.#options.methods.respond(connection.clientId, topic.requestId, topic.status, packet.payload);
        return;
      case 'unknown':
        // edgeHub acknowledges what it does not know and drops it.
        this.warn('message to an unknown topic dropped', { clientId: connection.clientId, topic: packet.topic });
    }
  }

  warn(message: string, details: Readonly<Record<string, unknown>>): void {
    this.#options.events.emit('warning', { message, details });
  }

  /** Tells a client of changed desired properties, if it is there and wants to know. It learns of them when it comes back otherwise. */
  sendDesired(name: string, patch: DesiredPatch): void {
    const connection = this.#connections.get(clientIdOf(identityOfName(this.#options.deviceId, name)));
    if (connection?.features.has('desired') !== true) return;
    connection.send(`$iothub/twin/PATCH/properties/desired/?$version=${patch.$version}`, JSON.stringify(patch));
    this.#options.twins.noteTold(name);
  }

  /** Routes a change of reported properties as edgeHub does: from `/twinChangeNotifications`, without content type. */
  async routeTwinChange(reporter: Identity, patch: JsonObject): Promise<void> {
    const { deviceId, router } = this.#options;
    const module = reporter.moduleId === undefined ? [] : [['rpSenderModuleId', reporter.moduleId] as const];
    const message: EdgeMessage = {
      body: Buffer.from(JSON.stringify(patch)),
      properties: new Map(),
      systemProperties: new Map([
        ['messageType', 'twinChangeNotification'],
        ['messageSchema', 'twinChangeNotification'],
        ['connectionDeviceId', deviceId],
        ['connectionModuleId', '$edgeHub'],
        ['rpSenderDeviceId', reporter.deviceId],
        ...module,
      ]),
    };
    await router.route(message);
  }

  #catchUp(connection: MqttConnection): void {
    const name = clientName(connection.identity);
    try {
      const missed = this.#options.twins.missed(name);
      if (missed !== undefined) this.sendDesired(name, missed);
    } catch (error) {
      this.warn('a module could not be told what it missed', { clientId: connection.clientId, error: String(error) });
    }
  }

  // The SDK has no timer for twin requests: one that stays without an answer hangs its caller for ever.
  #answerGet(connection: MqttConnection, requestId: string): void {
    this.#reply(connection, requestId, 200, () => {
      const { desired, reported } = this.#options.twins.tell(clientName(connection.identity));
      return twinBody(desired, reported);
    });
  }

  #answerPatch(connection: MqttConnection, requestId: string, payload: Buffer): void {
    const name = clientName(connection.identity);
    let patch: unknown;
    this.#reply(connection, requestId, 204, () => {
      patch = parseJson(payload);
      this.#options.twins.patchReported(name, patch);
      return '';
    });
    // Also when the patch was refused: the real hub routes it before it looks at it.
    if (isJsonObject(patch)) {
      this.routeTwinChange(connection.identity, patch).catch((error: unknown) => {
        this.warn('a twin change could not be routed', { module: name, error: String(error) });
      });
    }
  }

  #reply(connection: MqttConnection, requestId: string, success: number, work: () => string): void {
    if (!connection.features.has('twin-results' satisfies Feature)) {
      this.warn('twin request without a subscription to the replies', { clientId: connection.clientId });
    }
    let status = success;
    let body: string;
    try {
      body = work();
    } catch (error) {
      status = error instanceof RejectedError ? 400 : 500;
      const message = error instanceof Error ? error.message : String(error);
      this.warn('twin request failed', { clientId: connection.clientId, error: message });
      body = JSON.stringify({ errorCode: status * 1000 + 1, message });
    }
    connection.send(`$iothub/twin/res/${status}/?$rid=${requestId}`, body);
  }
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch (cause) {
    throw new RejectedError('EDGE_REPORTED_INVALID', 'the reported properties are not JSON', { cause });
  }
}
