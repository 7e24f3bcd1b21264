import { EdgeveilError } from '@edgeveil/contracts';
import type { z } from 'zod';

const MAX_ERRORS = 20;
const MAX_TEXT = 512;

/** One thing wrong with a twin, as it is reported. */
export interface TwinError {
  /** `policy.labels.0`; empty for the whole document. */
  readonly path: string;
  readonly message: string;
  /** What stands there, as JSON, cut: reported arrays may not hold nulls or deep structures. */
  readonly value?: string;
}

export function schemaErrors(error: z.ZodError, document: unknown): readonly TwinError[] {
  return error.issues.slice(0, MAX_ERRORS).map((issue) => {
    const value = JSON.stringify(valueAt(document, issue.path));
    return {
      path: issue.path.map(String).join('.'),
      message: issue.message.slice(0, MAX_TEXT),
      ...(value === undefined ? {} : { value: value.slice(0, MAX_TEXT) }),
    };
  });
}

export function refusalErrors(error: unknown): readonly TwinError[] {
  const path = error instanceof EdgeveilError ? error.details.path : undefined;
  const code = error instanceof EdgeveilError ? `${error.code}: ` : '';
  const message = `${code}${error instanceof Error ? error.message : String(error)}`;
  return [{ path: typeof path === 'string' ? path : '', message: message.slice(0, MAX_TEXT) }];
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  let value = document;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
