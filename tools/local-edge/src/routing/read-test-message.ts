import { z } from 'zod';
import type { RoutableMessage } from './value.ts';

const properties = z.record(z.string(), z.string().nullable()).nullish();

const schema = z.looseObject({
  properties,
  systemProperties: properties,
  body: z.unknown().optional(),
  bodyBase64: z.base64().nullish(),
});

/**
 * Reads a message as tests and command lines write it: `properties` and `systemProperties` with texts or null, and a `body` that is the
 * text itself, or a JSON document, or bytes as `bodyBase64`.
 */
export function readTestMessage(given: unknown): { readonly message: RoutableMessage } | { readonly error: string } {
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { error: `message${(issue?.path ?? []).map((part) => `.${String(part)}`).join('')}: ${issue?.message}` };
  }
  const { body, bodyBase64, ...rest } = parsed.data;
  return {
    message: {
      properties: new Map(Object.entries(rest.properties ?? {})),
      systemProperties: new Map(Object.entries(rest.systemProperties ?? {})),
      body: bodyBase64 === undefined || bodyBase64 === null ? bytesOf(body) : Buffer.from(bodyBase64, 'base64'),
    },
  };
}

function bytesOf(body: unknown): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}
