/** Text from elsewhere, fit for one line of a terminal: what could move the cursor, or turn the direction of writing, is written out. */
export function plainText(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (char) => {
    if (char === '\n') return '\\n';
    if (char === '\t') return '\\t';
    if (char === '\r') return '\\r';
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** The same for several lines. */
export function plainLines(text: string): string {
  return text.split('\n').map(plainText).join('\n');
}
