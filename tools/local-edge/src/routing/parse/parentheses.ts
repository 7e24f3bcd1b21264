import type { TokenReader } from './token-reader.ts';

/** What is wrong with the parentheses of a condition, for the parser to name each at its place. */
export interface Parentheses {
  /** Offsets of opening ones that nothing closes. */
  readonly unclosed: ReadonlySet<number>;
  /** How many closing ones have no opening one. */
  readonly extra: number;
}

/**
 * Balances the parentheses ahead. Where there are too few closing ones, the outer opening ones count as closed and the last ones as
 * unclosed, as in edgeHub's grammar; those of a function call are not candidates.
 */
export function balanceParentheses(reader: TokenReader): Parentheses {
  const groups: number[] = [];
  let depth = 0;
  let extra = 0;
  let afterName = false;
  for (const token of reader.ahead()) {
    if (token.kind === 'symbol' && token.text === '(') {
      depth += 1;
      if (!afterName) groups.push(token.start);
    } else if (token.kind === 'symbol' && token.text === ')') {
      if (depth === 0) extra += 1;
      else depth -= 1;
    }
    afterName = token.kind === 'name';
  }
  return { unclosed: new Set(depth === 0 ? [] : groups.slice(-depth)), extra };
}
