import type { EndpointItems, EndpointName } from '@edgeveil/contracts';
import type { z } from 'zod';

/** What takes the messages of one input. */
export interface InputHandler<Item> {
  /** Most items that may wait. Overflow drops the oldest ones and counts them: the sweep finds their files again. */
  readonly capacity: number;
  /**
   * Gets the items of all messages that wait, oldest first. Called again only after it has ended. A failure is logged and the
   * items are forgotten (the sweep finds them again); an InternalError ends the process.
   */
  handle(items: readonly Item[], signal: AbortSignal): Promise<void>;
}

/** What answers one direct method. */
export interface MethodHandler<Payload = unknown> {
  /** The payload is parsed with it; one that does not fit is answered 400 with the paths. */
  readonly payload: z.ZodType<Payload>;
  /** What it resolves to is answered as `{ result }` with 200. RejectedError and ConfigError: 400. Any other failure: 500. */
  call(payload: Payload, signal: AbortSignal): Promise<unknown>;
}

/** Keeps a method's payload typed where it is put into a record of methods. */
export function defineMethod<Payload>(method: MethodHandler<Payload>): MethodHandler<Payload> {
  return method;
}

/** A module that has started. */
export interface RunningModule<Twin> {
  readonly inputs?: { readonly [Name in EndpointName]?: InputHandler<EndpointItems[Name]> };
  /** Direct methods beside the built-in `ping` and `status`. */
  readonly methods?: Readonly<Record<string, MethodHandler>>;
  /** What the module adds to the answer of `status`. */
  status?(): unknown;
  /**
   * Takes a validated twin with defaults filled in; not called for the one it was started with. Never called twice at once. Throw ConfigError to refuse it: it is
   * reported, and the module must go on as before.
   */
  apply(twin: Twin): Promise<void>;
  /** Finishes what is under way; `context.signal` is aborted already, so that nothing new is taken. `signal` aborts when the grace has run out. */
  drain(signal: AbortSignal): Promise<void>;
  /** Releases everything that would keep the process alive. Outputs can still be sent in `drain`, no longer in `close`. */
  close(): Promise<void>;
}
