import { z } from 'zod';
import { isJsonObject } from '../../twins/json-object.ts';
import { MethodError } from './method-error.ts';

const versionSchema = z.looseObject({ schemaversion: z.string().optional() });

/**
 * Reads a request of one of edgeAgent's methods. Names of properties count in any case, as they do for edgeAgent's JSON reader, so that
 * `schema` is written in lower case.
 * @throws MethodError 400 for a request that is missing or malformed, 500 for one of another schema version
 */
export function readRequest<T>(payload: unknown, schema: z.ZodType<T>): T {
  if (payload === null || payload === undefined) throw new MethodError(400, 'Request payload not found');
  const request = lowerKeys(payload);
  const version = versionSchema.safeParse(request);
  const parsed = schema.safeParse(request);
  if (!version.success || !parsed.success) {
    const problem = z.prettifyError((parsed.error ?? version.error) as z.ZodError);
    throw new MethodError(400, `Error parsing command payload because of error - ${problem}`);
  }
  checkVersion(version.data.schemaversion);
  return parsed.data;
}

function checkVersion(version: string | undefined): void {
  if (version === undefined || version.trim() === '') {
    throw new MethodError(
      400,
      'Error parsing command payload because of error - schemaVersion is null or white space.',
    );
  }
  const major = /^(\d+)(?:\.\d+){1,3}$/.exec(version)?.[1];
  if (major === undefined) throw new MethodError(500, `Invalid request schema version ${version}`);
  if (major !== '1') {
    throw new MethodError(500, `The request schema version ${version} is not compatible with the expected version 1.0`);
  }
}

function lowerKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerKeys);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.toLowerCase(), lowerKeys(inner)]));
}
