import { ConfigError, EdgeveilError, InternalError, RejectedError, TransientError } from '@edgeveil/contracts';

const KINDS = { ConfigError, TransientError, RejectedError, InternalError } as const;

/** An error as it crosses between threads: structured cloning would make a plain `Error` of it, without code and kind. */
export interface TransferredError {
  readonly kind: keyof typeof KINDS;
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Anything that is not one of the suite's errors becomes an InternalError with the given code. */
export function toTransferredError(error: unknown, code: string): TransferredError {
  if (error instanceof EdgeveilError) {
    const kind = Object.entries(KINDS).find(([, kindOfError]) => error instanceof kindOfError)?.[0];
    return {
      kind: isKind(kind) ? kind : 'InternalError',
      code: error.code,
      message: error.message,
      details: error.details,
    };
  }
  const stack = error instanceof Error ? error.stack : undefined;
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'InternalError', code, message, details: { stack } };
}

export function fromTransferredError(error: TransferredError): EdgeveilError {
  return new KINDS[error.kind](error.code, error.message, { details: error.details });
}

function isKind(kind: string | undefined): kind is keyof typeof KINDS {
  return kind !== undefined && kind in KINDS;
}
