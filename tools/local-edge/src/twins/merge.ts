import { isJsonObject, type JsonObject, setKey, toMutable } from './json-object.ts';

/**
 * Applies a patch (JsonEx.cs): objects merge, everything else replaces, arrays too. A null removes its key, unless `keepNulls`. A subtree that did
 * not exist before is taken as it stands, nulls included.
 */
export function mergeTwin(
  base: JsonObject,
  patch: JsonObject,
  options: { readonly keepNulls?: boolean } = {},
): JsonObject {
  const result = toMutable(base);
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    const current = Object.hasOwn(result, key) ? result[key] : undefined;
    if (value === null && options.keepNulls !== true) delete result[key];
    else if (isJsonObject(value) && isJsonObject(current)) setKey(result, key, mergeTwin(current, value, options));
    else setKey(result, key, value);
  }
  return result;
}
