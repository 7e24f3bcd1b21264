import type { Position } from '../routing/position.ts';

/** The character offset of a line and column that start at 1. */
export function offsetAt(text: string, { line, column }: Position): number {
  const before = text.split('\n').slice(0, line - 1);
  return before.reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
}
