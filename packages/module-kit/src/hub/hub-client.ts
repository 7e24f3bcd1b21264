/** A message that came to an input. */
export interface InputMessage {
  readonly input: string;
  readonly body: Buffer;
  readonly properties: Readonly<Record<string, string>>;
}

/** A message for an output. */
export interface OutputMessage {
  readonly body: Buffer;
  readonly properties: Readonly<Record<string, string>>;
}

export interface MethodAnswer {
  readonly status: number;
  readonly payload: unknown;
}

/** Desired properties as the hub has them, without `$`-keys. */
export interface DesiredDocument {
  readonly version: number;
  readonly desired: Readonly<Record<string, unknown>>;
}

/** What a connection calls. None may throw. */
export interface HubListeners {
  /** The message counts as delivered when this returns: the hub will not send it again. */
  input(message: InputMessage): void;
  /** A change of desired properties, as it came: with `$version`, nulls remove. */
  desiredPatch(patch: Readonly<Record<string, unknown>>): void;
  method(name: string, payload: unknown): Promise<MethodAnswer>;
}

/**
 * One connection to the hub, from its establishment to its loss: it never reconnects by itself. Inputs and desired patches are
 * subscribed when it is handed out. Every call settles within a bounded time.
 */
export interface HubClient {
  /** Resolves, with the reason, when the connection is lost or found to be dead; not when it was closed. */
  readonly lost: Promise<Error>;
  /** @throws TransientError */
  readDesired(): Promise<DesiredDocument>;
  /**
   * Merges a patch into the reported properties.
   * @throws RejectedError `REPORT_REFUSED` when the hub answers with an error; TransientError otherwise.
   */
  updateReported(patch: Readonly<Record<string, unknown>>): Promise<void>;
  /** Resolves when the hub has stored the message. @throws TransientError */
  sendOutput(output: string, message: OutputMessage): Promise<void>;
  /** Makes direct methods known to the hub; those that it knows already are skipped. Never throws. */
  serveMethods(names: readonly string[]): void;
  /** Ends the connection, by force if need be. Safe to call twice. */
  close(): Promise<void>;
}

/** Establishes a connection. @throws TransientError when the hub or the workload API is not in reach, or refuses. */
export type ConnectHub = (listeners: HubListeners, signal: AbortSignal) => Promise<HubClient>;
