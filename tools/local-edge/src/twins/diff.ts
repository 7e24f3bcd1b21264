import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject, setKey } from './json-object.ts';

/** The patch that turns `from` into `to`: changed keys only, removed ones as null, arrays compared whole (JsonEx.cs). */
export function diffTwin(from: JsonObject, to: JsonObject): JsonObject {
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) setKey(patch, key, null);
  for (const key of Object.keys(to)) {
    const before = Object.hasOwn(from, key) ? from[key] : undefined;
    const after = to[key];
    if (isJsonObject(before) && isJsonObject(after)) {
      const inner = diffTwin(before, after);
      if (Object.keys(inner).length > 0) setKey(patch, key, inner);
    } else if (!isDeepStrictEqual(before, after)) setKey(patch, key, after);
  }
  return patch;
}

/** A document without the `$version` and `$metadata` of its top level. */
export function stripMetadata(document: JsonObject): JsonObject {
  const { $version: _version, $metadata: _metadata, ...rest } = document;
  return rest;
}
