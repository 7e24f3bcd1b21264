import { globalAgent } from 'node:http';
import { EdgeveilError, RejectedError, TransientError } from '@edgeveil/contracts';
import device, {
  type DeviceMethodRequest,
  type DeviceMethodResponse,
  type DeviceTransport,
  type Message,
  type ModuleClient,
} from 'azure-iot-device';
import mqtt from 'azure-iot-device-mqtt';
import { within } from '../within.ts';
import { desiredDocument } from './desired-document.ts';
import type { DesiredDocument, HubClient, HubListeners, InputMessage, OutputMessage } from './hub-client.ts';

const CONNECT_TIMEOUT_MS = 60_000;
/** The SDK has no timer of its own for twin requests. */
const TWIN_TIMEOUT_MS = 20_000;
/** The SDK gives up a publish without PUBACK after 30 to 40 s. */
const SEND_TIMEOUT_MS = 60_000;
const CLOSE_TIMEOUT_MS = 2_000;

/**
 * The SDK's own retries are switched off: after a reconnect it does not subscribe the twin topics again, and after 4
 * minutes it gives up for good. A lost connection is replaced by a new client, which subscribes everything.
 */
const NO_RETRY = { shouldRetry: () => false, nextRetryTimeout: () => -1 };

/** `HubClient` on the IoT SDK over MQTT, from the environment that edgeAgent gives a module (read by the SDK itself). */
export class SdkHubClient implements HubClient {
  readonly #client: ModuleClient;
  readonly #listeners: HubListeners;
  readonly #methods = new Set<string>();
  readonly lost: Promise<Error>;
  readonly #lose: (error: Error) => void;
  #closing: Promise<void> | undefined;

  private constructor(client: ModuleClient, listeners: HubListeners) {
    this.#client = client;
    this.#listeners = listeners;
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.lost = promise;
    this.#lose = resolve;
  }

  static async connect(listeners: HubListeners, signal: AbortSignal): Promise<SdkHubClient> {
    let hub: SdkHubClient | undefined;
    try {
      const creating = device.ModuleClient.fromEnvironment(mqtt.Mqtt);
      const client = await within(creating, { timeoutMs: CONNECT_TIMEOUT_MS, what: 'workload API', signal });
      hub = new SdkHubClient(client, listeners);
      await hub.#open(signal);
      return hub;
    } catch (error) {
      await hub?.close();
      // The SDK gives no handle on its requests to the workload API. One without an answer would keep the process alive.
      if (signal.aborted) globalAgent.destroy();
      const where = hub === undefined ? 'no trust bundle from the workload API' : 'cannot connect to the hub';
      throw new TransientError('HUB_UNREACHABLE', where, { cause: error });
    }
  }

  async readDesired(): Promise<DesiredDocument> {
    const properties = await this.#call('twin read', TWIN_TIMEOUT_MS, (done) => this.#transport.getTwin(done));
    return desiredDocument(properties);
  }

  async updateReported(patch: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#call<void>('twin report', TWIN_TIMEOUT_MS, (done) =>
      this.#transport.updateTwinReportedProperties(patch, (error) => {
        // A plain Error is the hub's own answer (errorCode in the body); those of the SDK have names of their own.
        done(error?.name === 'Error' ? new RejectedError('REPORT_REFUSED', error.message, { cause: error }) : error);
      }),
    );
  }

  async sendOutput(output: string, { body, properties }: OutputMessage): Promise<void> {
    const message = new device.Message(body);
    message.contentType = 'application/json';
    message.contentEncoding = 'utf-8';
    for (const [key, value] of Object.entries(properties)) message.properties.add(key, value);
    await this.#call('send', SEND_TIMEOUT_MS, (done) => this.#client.sendOutputEvent(output, message, done));
  }

  serveMethods(names: readonly string[]): void {
    for (const name of names) {
      if (this.#methods.has(name)) continue;
      this.#methods.add(name);
      this.#client.onMethod(name, (request?: DeviceMethodRequest, response?: DeviceMethodResponse) => {
        if (request !== undefined && response !== undefined) void this.#answer(name, request, response);
      });
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /**
   * The transport behind the client. The SDK's `Twin` is passed by, because it merges arrays index by index, cannot say when
   * desired patches are subscribed, and throws in a place where nobody can catch it when the hub answers a read with an empty body.
   */
  get #transport(): DeviceTransport {
    return this.#client._transport;
  }

  async #open(signal: AbortSignal): Promise<void> {
    const client = this.#client;
    client.setRetryPolicy(NO_RETRY);
    client.on('error', (error: Error) => this.#lose(error));
    client.on('disconnect', (result?: { readonly transportObj?: unknown }) => {
      const cause = result?.transportObj;
      this.#lose(new TransientError('HUB_CONNECTION_LOST', 'the connection to the hub was lost', { cause }));
    });
    // Emitted while CONNACK is being handled. A persistent session gets its waiting messages right after that, and the SDK
    // acknowledges and forgets what comes while nobody listens.
    client.once('connect', () => {
      client.on('inputMessage', (input: string, message: Message) => this.#onInput(input, message));
    });
    this.#transport.on('twinDesiredPropertiesUpdate', (patch: unknown) => {
      if (isRecord(patch)) this.#listeners.desiredPatch(patch);
    });
    await within(client.open(), { timeoutMs: CONNECT_TIMEOUT_MS, what: 'connect', signal });
    await this.#call<void>('twin subscription', TWIN_TIMEOUT_MS, (done) =>
      this.#transport.enableTwinDesiredPropertiesUpdates(done),
    );
  }

  #onInput(input: string, message: Message): void {
    const properties: Record<string, string> = {};
    for (const { key, value } of message.properties.propertyList) properties[key] = value;
    this.#listeners.input({ input, body: message.getBytes(), properties } satisfies InputMessage);
    // Over MQTT this does nothing: the SDK acknowledged the message when it came.
    this.#client.complete(message, () => {});
  }

  async #answer(name: string, request: DeviceMethodRequest, response: DeviceMethodResponse): Promise<void> {
    const { status, payload } = await this.#listeners.method(name, request.payload);
    try {
      await response.send(status, payload);
    } catch {
      // The connection went away meanwhile: the caller has had its time-out.
    }
  }

  /** Runs a callback operation of the SDK. One that times out shows that the connection is dead. */
  async #call<T>(
    what: string,
    timeoutMs: number,
    start: (done: (error?: Error, result?: T) => void) => void,
  ): Promise<T> {
    const operation = new Promise<T>((resolve, reject) => {
      start((error, result) => (error ? reject(error) : resolve(result as T)));
    });
    try {
      return await within(operation, { timeoutMs, what });
    } catch (error) {
      const isTimeout =
        error instanceof Error && (error.name === 'TimeoutError' || ('code' in error && error.code === 'TIMEOUT'));
      if (isTimeout) this.#lose(error);
      if (error instanceof EdgeveilError) throw error;
      throw new TransientError('HUB_OPERATION_FAILED', `${what} failed`, { cause: error });
    }
  }

  async #close(): Promise<void> {
    // Without an answer from the hub this would wait for ever.
    await within(this.#client.close(), { timeoutMs: CLOSE_TIMEOUT_MS, what: 'close' }).catch(() => {});
    destroySocket(this.#client);
    this.#client.removeAllListeners('disconnect');
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Ends the MQTT connection by force: `ModuleClient.close` waits for acknowledgements that may never come, and leaves a socket that
 * is still connecting to itself.
 */
function destroySocket(client: ModuleClient): void {
  let inner: unknown = client;
  for (const key of ['_transport', '_mqtt', '_mqttClient', 'stream']) {
    inner = isObject(inner) ? Reflect.get(inner, key) : undefined;
  }
  if (isObject(inner) && 'destroy' in inner && typeof inner.destroy === 'function') inner.destroy();
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
