/**
 * Resolves the escapes of a string's text, quotes removed. As in edgeHub `\uXXXX` goes first and everywhere, so that a
 * backslash that is itself escaped still takes part.
 */
export function unescapeString(text: string): string {
  return text
    .replace(/\\[Uu]([0-9A-Fa-f]{4})/g, (_match, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\(["'\\])/g, '$1');
}
