import type { Span } from './position.ts';
import { SyntaxProblem } from './syntax-error.ts';

export type TokenKind =
  | 'keyword'
  | 'constant'
  | 'string'
  | 'integer'
  | 'real'
  | 'hex'
  | 'operator'
  | 'symbol'
  | 'system'
  | 'name'
  | 'end';

export interface Token extends Span {
  readonly kind: TokenKind;
  /** As written; keywords in upper case. */
  readonly text: string;
}

// edgeHub's lexer is ANTLR's: the longest match wins, and of equally long ones the first in this list. Hence `a-b` and
// `1st` are names, `-3` is a number, and `/*` opens a comment whenever a `*/` follows anywhere in the text.
const rules: readonly (readonly [TokenKind | 'skip' | 'unterminated', RegExp])[] = [
  ['skip', /\s+/y],
  ['skip', /\/\*[\s\S]*?\*\//y],
  ['keyword', /SELECT|FROM|WHERE|INTO|AND|OR|NOT/iy],
  ['constant', /true|false|null|undefined/y],
  ['string', /"(?:[^"\\\r\n]|\\["'\\]|\\u[0-9a-fA-F]{4})*"|'(?:[^'\\\r\n]|\\["'\\]|\\u[0-9a-fA-F]{4})*'/y],
  ['integer', /-?[0-9]+/y],
  ['real', /-?[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|-?[0-9]*[eE][+-]?[0-9]+/y],
  ['hex', /0[xX][0-9a-fA-F]+/y],
  ['operator', /\|\||\?\?|!=|<>|<=|>=|[+\-*/%=<>]/y],
  ['symbol', /[(){},[\]]/y],
  ['system', /\$[^()<>@,;:\\"/?={}\s]+/y],
  ['name', /[^()<>@,;:\\"/[\]?={}\s]+/y],
  ['unterminated', /"(?:[^"\\\r\n]|\\.)*|'(?:[^'\\\r\n]|\\.)*/y],
];

/**
 * The first token at or after `start`; an `end` token at the end of the text.
 * @throws SyntaxProblem at a character that begins no token, and at a string without its closing quote
 */
export function nextToken(text: string, start: number): Token {
  let offset = start;
  while (offset < text.length) {
    const [kind, end] = longestMatch(text, offset);
    const span = { start: offset, end };
    if (kind === undefined) {
      throw new SyntaxProblem(`Syntax error: invalid symbol '${text[offset]}'`, { start: offset, end: offset + 1 });
    }
    if (kind === 'unterminated') throw new SyntaxProblem('Syntax error: unterminated string', span);
    if (kind !== 'skip') {
      const written = text.slice(offset, end);
      return { kind, text: kind === 'keyword' ? written.toUpperCase() : written, ...span };
    }
    offset = end;
  }
  return { kind: 'end', text: '', start: text.length, end: text.length };
}

function longestMatch(text: string, offset: number): [TokenKind | 'skip' | 'unterminated' | undefined, number] {
  let best: TokenKind | 'skip' | 'unterminated' | undefined;
  let bestEnd = offset;
  for (const [kind, pattern] of rules) {
    pattern.lastIndex = offset;
    if (pattern.test(text) && pattern.lastIndex > bestEnd) {
      best = kind;
      bestEnd = pattern.lastIndex;
    }
  }
  return [best, bestEnd];
}
