import { ConfigError } from '@edgeveil/contracts';

/**
 * Joins a text that was cut into `field`, `field01`, `field02`, … (JsonEx.cs, ChunkedValue). Nothing at all is the empty text.
 * @throws ConfigError EDGE_MANIFEST_INVALID when the first part is missing or the numbers have a gap
 */
export function joinChunks(
  object: Readonly<Record<string, unknown>>,
  field: string,
  options: { readonly ignoreCase?: boolean } = {},
): string {
  const fold = (text: string) => (options.ignoreCase === true ? text.toLowerCase() : text);
  const prefix = fold(field);
  const parts = Object.entries(object)
    .filter(([key]) => fold(key).startsWith(prefix) && /^(?:\d\d)?$/.test(key.slice(field.length)))
    .map(([key, value]) => [key.length === field.length ? 0 : Number(key.slice(field.length)), value] as const)
    .sort(([a], [b]) => a - b);
  parts.forEach(([number], index) => {
    if (number === index) return;
    throw new ConfigError(
      'EDGE_MANIFEST_INVALID',
      `${field} is cut into parts, and part ${index === 0 ? 'without a number' : String(index).padStart(2, '0')} is missing`,
    );
  });
  return parts.map(([, value]) => String(value)).join('');
}
