import type { EdgeMessage } from '../mqtt/edge-message.ts';
import { inputTopic } from '../mqtt/input-topic.ts';

/** The part of an MQTT connection that deliveries need. */
export interface InputConnection {
  /** Sends at QoS 1. Resolves at the PUBACK, rejects when the connection ends or `timeoutMs` pass without one. */
  deliver(topic: string, payload: Buffer, timeoutMs: number): Promise<void>;
}

/**
 * The way to one module's inputs. All inputs of a module share it, because edgeHub keeps one message in flight for each module. It outlives
 * connections: while the module is away, or has not subscribed to its inputs, deliveries wait.
 */
export class ModuleChannel {
  readonly #deviceId: string;
  readonly #moduleId: string;
  readonly #ackTimeoutMs: number;
  #connection: InputConnection | undefined;
  #busy: Promise<unknown> = Promise.resolve();
  #opened = Promise.withResolvers<void>();

  constructor(deviceId: string, moduleId: string, ackTimeoutMs: number) {
    this.#deviceId = deviceId;
    this.#moduleId = moduleId;
    this.#ackTimeoutMs = ackTimeoutMs;
  }

  /** From here on deliveries go over this connection. */
  open(connection: InputConnection): void {
    this.#connection = connection;
    this.#opened.resolve();
  }

  /** Does nothing when another connection has taken over meanwhile. */
  close(connection: InputConnection): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#opened = Promise.withResolvers();
  }

  /** True at the PUBACK, false when the message must be sent again. */
  deliver(input: string, message: EdgeMessage, signal: AbortSignal): Promise<boolean> {
    const result = this.#busy.then(() => this.#deliver(input, message, signal));
    this.#busy = result;
    return result;
  }

  async #deliver(input: string, message: EdgeMessage, signal: AbortSignal): Promise<boolean> {
    if (this.#connection === undefined) await this.#untilOpen(signal);
    if (this.#connection === undefined || signal.aborted) return false;
    try {
      const topic = inputTopic(this.#deviceId, this.#moduleId, input, message);
      await this.#connection.deliver(topic, message.body, this.#ackTimeoutMs);
      return true;
    } catch {
      return false;
    }
  }

  async #untilOpen(signal: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<void>();
    const onAbort = () => aborted.resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    if (!signal.aborted) await Promise.race([this.#opened.promise, aborted.promise]);
    signal.removeEventListener('abort', onAbort);
  }
}
