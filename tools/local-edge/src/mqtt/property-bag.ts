/** Reads `k=v&k=v`, percent-decoded. A key without `=` has the empty value; text that is no valid encoding stays as it is. */
export function parsePropertyBag(text: string): [string, string][] {
  if (text === '') return [];
  return text.split('&').map((pair) => {
    const split = pair.indexOf('=');
    return split < 0 ? [decode(pair), ''] : [decode(pair.slice(0, split)), decode(pair.slice(split + 1))];
  });
}

function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Writes `k=v&k=v`; keys and values are encoded, because the Node SDK loses what follows a second raw `=`. */
export function formatPropertyBag(properties: Iterable<readonly [string, string]>): string {
  const parts: string[] = [];
  for (const [key, value] of properties) parts.push(`${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
  return parts.join('&');
}
