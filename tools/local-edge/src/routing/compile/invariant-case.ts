/** Upper case as .NET's invariant culture has it: character by character, never longer or shorter. */
export function upperInvariant(text: string): string {
  return mapped(text, (character) => character.toUpperCase());
}

/** Lower case as .NET's invariant culture has it. */
export function lowerInvariant(text: string): string {
  return mapped(text, (character) => character.toLowerCase());
}

// Dotted and dotless i belong to Turkish alone; the invariant culture leaves them.
const unchanged = new Set(['\u0130', '\u0131', '\u017f']);

function mapped(text: string, change: (character: string) => string): string {
  let result = '';
  for (const character of text) {
    const other = change(character);
    result += other.length === character.length && !unchanged.has(character) ? other : character;
  }
  return result;
}
