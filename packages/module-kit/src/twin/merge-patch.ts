type Json = Readonly<Record<string, unknown>>;

/**
 * Merges a twin patch as edgeHub does: object into object, null removes, everything else (arrays too) replaces. A subtree
 * that did not exist is taken as it is, nulls inside it included. Neither argument is changed.
 */
export function mergePatch(base: Json, patch: Json): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) {
      delete merged[key];
      continue;
    }
    const known = merged[key];
    Object.defineProperty(merged, key, {
      value: isPlainObject(value) && isPlainObject(known) ? mergePatch(known, value) : value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  return merged;
}

export function isPlainObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
