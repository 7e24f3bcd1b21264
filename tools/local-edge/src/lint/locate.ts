/** Line and column of a character offset in a file, both from 1. */
export function lineColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** Where in a file a character of a JSON text stands, escapes counted; `start` is the offset of the opening quote. */
export function offsetInString(file: string, start: number, index: number): number {
  let offset = start + 1;
  for (let count = 0; count < index && offset < file.length; count += 1) {
    if (file[offset] !== '\\') offset += 1;
    else offset += file[offset + 1] === 'u' ? 6 : 2;
  }
  return offset;
}
