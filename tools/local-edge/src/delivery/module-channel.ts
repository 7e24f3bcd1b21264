/** The part of an MQTT connection that deliveries need. */
export interface InputConnection {
  /**
   * Sends at QoS 1. Calls `settle` exactly once, and never before it has returned: with true at the PUBACK, with false when the connection
   * ends or `timeoutMs` pass without one.
   */
  deliver(topic: string, payload: Buffer, timeoutMs: number, settle: (isAcknowledged: boolean) => void): void;
}

/** What wants to go to one input of a module. */
export interface InputSource {
  /** The message that is to go now, in the form of its topic and body; `undefined` when there is none. Asked again after each `settled`. */
  next(): { readonly topic: string; readonly body: Buffer } | undefined;
  /** What became of it; after false it is to come again. */
  settled(isAcknowledged: boolean): void;
}

/**
 * The way to one module's inputs. All inputs of a module share it, because edgeHub keeps one message in flight for each module; they take turns.
 * It outlives connections: while the module is away, or has not subscribed to its inputs, deliveries wait.
 * One PUBACK leads to the next message without a turn of the event loop in between: with one in flight, that round trip is a module's speed.
 */
export class ModuleChannel {
  readonly #ackTimeoutMs: number;
  /** In the order of their turns. */
  readonly #ready = new Set<InputSource>();
  #connection: InputConnection | undefined;
  #isBusy = false;

  constructor(ackTimeoutMs: number) {
    this.#ackTimeoutMs = ackTimeoutMs;
  }

  /** From here on deliveries go over this connection. */
  open(connection: InputConnection): void {
    this.#connection = connection;
    this.#advance();
  }

  /** Does nothing when another connection has taken over meanwhile. */
  close(connection: InputConnection): void {
    if (this.#connection === connection) this.#connection = undefined;
  }

  /** Notes that a source has a message, and sends it if nothing is under way. */
  ready(source: InputSource): void {
    this.#ready.add(source);
    this.#advance();
  }

  #advance(): void {
    while (!this.#isBusy && this.#connection !== undefined) {
      const [source] = this.#ready;
      if (source === undefined) return;
      this.#ready.delete(source);
      const message = source.next();
      if (message === undefined) continue;
      this.#isBusy = true;
      this.#connection.deliver(message.topic, message.body, this.#ackTimeoutMs, (isAcknowledged) => {
        this.#isBusy = false;
        // Behind the other inputs of the module.
        this.#ready.add(source);
        source.settled(isAcknowledged);
        this.#advance();
      });
    }
  }
}
