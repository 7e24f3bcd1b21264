import { EdgeveilError } from '@edgeveil/contracts';
import type { z } from 'zod';

const MAX_ERRORS = 20;
const MAX_TEXT = 512;

/** One thing wrong with a twin, as it is reported. */
export interface TwinError {
  /** `policy.labels.0`; empty for the whole document. */
  readonly path: string;
  readonly message: string;
  /** What stands there, as JSON, cut, and without secrets: reported arrays may not hold nulls or deep structures. */
  readonly value?: string;
}

export function schemaErrors(error: z.ZodError, document: unknown): readonly TwinError[] {
  return error.issues.slice(0, MAX_ERRORS).map((issue) => {
    const value = withoutSecrets(issue.path, JSON.stringify(valueAt(document, issue.path)));
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

const SECRET_NAMES = /secret|password|token|connectionString|accountKey|^sas/i;
/** The query of a URL, where a SAS is; who logs in, in a URL; keys in a connection string. */
const SECRET_TEXT: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/\?[^"\s]*/g, '?…'],
  [/\/\/[^"/@\s]*@/g, '//…@'],
  [/((?:AccountKey|SharedAccessKey|SharedAccessSignature|sig|password)=)[^;&"\s]*/gi, '$1…'],
];

/** What is reported and logged goes further than the twin itself does. */
function withoutSecrets(path: readonly PropertyKey[], value: string | undefined): string | undefined {
  if (SECRET_NAMES.test(String(path.at(-1) ?? ''))) {
    return undefined;
  }
  return SECRET_TEXT.reduce((text, [pattern, replacement]) => text?.replace(pattern, replacement), value);
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  let value = document;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
