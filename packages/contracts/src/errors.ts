/** What every error of the suite carries beside its message. */
export interface ErrorDetails {
  /** The error or value that led to this one. */
  readonly cause?: unknown;
  /** The values that the message is about, for the log. Never pixels, keys or tokens. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Base of the four kinds of error. The kind says what the caller does next; `code` is stable and listed in docs/errors.md. */
export abstract class EdgeveilError extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: ErrorDetails = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** An operator or integrator must act: a wrong twin, a missing key file, a model that cannot be loaded. */
export class ConfigError extends EdgeveilError {}

/** The same call may succeed later: try again, after `retryAfterMs` where it is known. */
export class TransientError extends EdgeveilError {
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, options: ErrorDetails & { readonly retryAfterMs?: number } = {}) {
    super(code, message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** This item can never be processed: set it aside with the reason and go on with the next. */
export class RejectedError extends EdgeveilError {}

/** A bug: crash, and be restarted. */
export class InternalError extends EdgeveilError {}
