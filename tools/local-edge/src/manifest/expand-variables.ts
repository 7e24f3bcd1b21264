const reference = /\$(?:\{([^{}]+)\}|([A-Za-z_][A-Za-z0-9_]*))/g;

/**
 * Replaces `$VAR` and `${VAR}` as Python's os.path.expandvars does: names that are not defined stay as they are, which is how `$upstream` and
 * `$edgeHub` survive. `${MODULES.x}` is left to the one that reads images.
 */
export function expandVariables(text: string, environment: Readonly<Record<string, string | undefined>>): string {
  return text.replace(reference, (whole, braced: string | undefined, bare: string | undefined) => {
    const name = braced ?? bare ?? '';
    return Object.hasOwn(environment, name) ? (environment[name] ?? whole) : whole;
  });
}

/** Expands the strings of a JSON document, keys left alone. */
export function expandDocument(value: unknown, environment: Readonly<Record<string, string | undefined>>): unknown {
  if (typeof value === 'string') return expandVariables(value, environment);
  if (Array.isArray(value)) return value.map((item) => expandDocument(item, environment));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, expandDocument(inner, environment)]));
}
