import { ConfigError, EdgeveilError, InternalError, RejectedError, TransientError } from '@edgeveil/contracts';
import { z } from 'zod';
import type { ControlError } from './control-api.ts';

type Kind = ControlError['error']['kind'];

const STATUS: Readonly<Record<Kind, number>> = { config: 409, rejected: 400, transient: 503, internal: 500 };

/** An error as it is told over the socket, and the HTTP status that fits. */
export function toControlError(cause: unknown): { status: number; body: ControlError } {
  const error = cause instanceof EdgeveilError ? cause : toEdgeveilError(cause);
  const kind = kindOf(error);
  return { status: STATUS[kind], body: { error: { kind, code: error.code, message: error.message } } };
}

function toEdgeveilError(cause: unknown): EdgeveilError {
  if (cause instanceof z.ZodError) {
    const problems = cause.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    return new RejectedError('EDGE_CONTROL_REQUEST_INVALID', `the request is not valid: ${problems}`, { cause });
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  // What fastify refuses: no JSON, too large.
  const status = cause instanceof Error && 'statusCode' in cause ? Number(cause.statusCode) : 500;
  if (status < 500) return new RejectedError('EDGE_CONTROL_REQUEST_INVALID', message, { cause });
  return new InternalError('EDGE_CONTROL_FAILED', message, { cause });
}

function kindOf(error: EdgeveilError): Kind {
  if (error instanceof ConfigError) return 'config';
  if (error instanceof RejectedError) return 'rejected';
  return error instanceof TransientError ? 'transient' : 'internal';
}
