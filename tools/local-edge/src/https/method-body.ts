import { RejectedError } from '@edgeveil/contracts';
import { z } from 'zod';
import type { MethodRequest, RawMethodResult } from '../hub/method-calls.ts';

const bodySchema = z
  .looseObject({
    methodName: z.string(),
    responseTimeoutInSeconds: z.int().default(30),
    connectTimeoutInSeconds: z.int().default(0),
  })
  .refine((body) => body.payload !== undefined, { error: 'Payload is missing' });

/**
 * Reads the body of a method call (MethodRequest.cs). An absent payload is refused; null is one. Names, times and sizes are checked by whoever calls.
 * @throws RejectedError EDGE_METHOD_INVALID
 */
export function readMethodBody(body: unknown): MethodRequest {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) {
    throw new RejectedError('EDGE_METHOD_INVALID', z.prettifyError(parsed.error), { details: { httpStatus: 400 } });
  }
  const { methodName, payload, responseTimeoutInSeconds, connectTimeoutInSeconds } = parsed.data;
  return {
    methodName,
    payload,
    responseTimeoutSecs: responseTimeoutInSeconds,
    connectTimeoutSecs: connectTimeoutInSeconds,
  };
}

/** The body of the reply. The payload is passed on as the module wrote it; what is no JSON becomes a string, so that the reply is. */
export function writeMethodResult({ status, body }: RawMethodResult): string {
  const payload = body === '' ? 'null' : isJson(body) ? body : JSON.stringify(body);
  return `{"status":${status},"payload":${payload}}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
