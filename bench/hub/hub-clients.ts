/** What a measurement needs of a client library. Bodies come back as they were sent. */
export interface HubClients {
  /** Resolves when it has subscribed. */
  consume(onMessage: (body: Buffer) => void): Promise<void>;
  /** Connects a sender; what it returns resolves at the PUBACK. */
  sender(index: number): Promise<(body: Buffer) => Promise<void>>;
}

/** Where the clients of a measurement connect. */
export interface Target {
  readonly address: string;
  readonly port: number;
  readonly caFile: string;
  /** What the consumer subscribes to. Senders use edgeHub's topics with either broker. */
  readonly filter: string;
}
