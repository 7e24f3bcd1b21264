import { RejectedError, TransientError } from '@edgeveil/contracts';
import type { ConnectHub, HubListeners, MethodAnswer, OutputMessage } from '../hub/hub-client.ts';
import { mergePatch } from '../twin/merge-patch.ts';
import { FakeHubClient } from './fake-hub-client.ts';

/** A message that reached the hub. */
export interface SentMessage {
  readonly output: string;
  readonly body: unknown;
  readonly properties: Readonly<Record<string, string>>;
}

/**
 * A hub in memory for tests: one twin, the messages that were sent, and switches for what goes wrong. Its `connect` is what
 * `runModule` takes.
 */
export class FakeHub {
  readonly sent: SentMessage[] = [];
  reported: Record<string, unknown> = {};
  /** While false, connecting and every operation fails. */
  isReachable = true;
  /** Called for each message before it counts as stored; may wait or throw. */
  onSend: (message: SentMessage) => Promise<void> | void = () => {};
  /** Called for each reported patch before it is merged; may wait or throw. */
  onReport: (patch: Readonly<Record<string, unknown>>) => Promise<void> | void = () => {};
  connections = 0;
  #desired: Record<string, unknown>;
  #version = 1;
  #client: FakeHubClient | undefined;
  readonly #queued: {
    readonly input: string;
    readonly body: Buffer;
    readonly properties: Readonly<Record<string, string>>;
  }[] = [];
  readonly #watchers = new Set<() => void>();

  constructor(options: { readonly desired?: Record<string, unknown> } = {}) {
    this.#desired = options.desired ?? {};
  }

  readonly connect: ConnectHub = async (listeners: HubListeners) => {
    if (!this.isReachable) throw new TransientError('HUB_UNREACHABLE', 'the fake hub is switched off');
    this.connections += 1;
    this.#client = new FakeHubClient(this, listeners);
    const client = this.#client;
    // As a persistent session does: what waits comes as soon as the connection stands.
    queueMicrotask(() => {
      for (const message of this.#queued.splice(0)) client.listeners.input(message);
    });
    this.changed();
    return client;
  };

  get document(): { readonly desired: Readonly<Record<string, unknown>>; readonly $version: number } {
    return { desired: this.#desired, $version: this.#version };
  }

  /** Changes desired properties; `isLost`: the module does not get the patch. */
  patchDesired(patch: Readonly<Record<string, unknown>>, options: { readonly isLost?: boolean } = {}): void {
    this.#desired = mergePatch(this.#desired, patch);
    this.#version += 1;
    if (options.isLost !== true) this.#client?.listeners.desiredPatch({ ...patch, $version: this.#version });
  }

  /** Delivers a message to an input, or keeps it until the module is connected. A body other than a Buffer is sent as JSON. */
  deliver(input: string, body: unknown, properties: Readonly<Record<string, string>> = {}): void {
    const message = { input, body: Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)), properties };
    if (this.#client === undefined) this.#queued.push(message);
    else this.#client.listeners.input(message);
  }

  /** Calls a direct method of the module. */
  async invoke(name: string, payload: unknown = null): Promise<MethodAnswer> {
    const client = this.#client;
    if (client === undefined || !client.methods.has(name)) return { status: 404, payload: null };
    return client.listeners.method(name, payload);
  }

  /** Breaks the connection. */
  drop(): void {
    const client = this.#client;
    this.#client = undefined;
    client?.lose(new TransientError('HUB_CONNECTION_LOST', 'the fake hub dropped the connection'));
  }

  /** Resolves as soon as the condition holds; it is asked after each message, report and connection. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#watchers.add(resolve));
  }

  /** @internal For the client. */
  changed(): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const resolve of watchers) resolve();
  }

  /** @internal For the client. */
  async store(output: string, { body, properties }: OutputMessage): Promise<void> {
    const message = { output, body: JSON.parse(body.toString()) as unknown, properties };
    await this.onSend(message);
    this.sent.push(message);
    this.changed();
  }

  /** @internal For the client. */
  async merge(patch: Readonly<Record<string, unknown>>): Promise<void> {
    if (Buffer.byteLength(JSON.stringify(patch)) > 32_768) throw new RejectedError('REPORT_REFUSED', 'too large');
    await this.onReport(patch);
    this.reported = mergePatch(this.reported, patch);
    this.changed();
  }

  /** @internal For the client. */
  closed(client: FakeHubClient): void {
    if (this.#client === client) this.#client = undefined;
  }
}
