import type { Span } from '../position.ts';

export type TokenKind =
  | 'keyword'
  | 'constant'
  | 'string'
  | 'unterminated'
  | 'integer'
  | 'real'
  | 'hex'
  | 'operator'
  | 'symbol'
  | 'system'
  | 'name'
  /** A name with square brackets, which nothing takes. */
  | 'path'
  /** A character that begins no token. */
  | 'unknown'
  | 'end';

export interface Token extends Span {
  readonly kind: TokenKind;
  /** As written; keywords in upper case. */
  readonly text: string;
}

// edgeHub's lexer is ANTLR's: the longest match wins, and of equally long ones the first in this list. Hence `a-b` and
// `1st` are names, `-3` and `e5` are numbers, and `/*` opens a comment whenever a `*/` follows anywhere in the text.
// A string may span lines; only blank, tab and line breaks count as white space.
const rules: readonly (readonly [TokenKind | 'skip', RegExp])[] = [
  ['keyword', /SELECT|FROM|WHERE|INTO/iy],
  ['string', /"(?:[^"\\]|\\(?:["'\\]|u[0-9a-fA-F]{4}))*"|'(?:[^'\\]|\\(?:["'\\]|u[0-9a-fA-F]{4}))*'/y],
  ['unterminated', /"(?:[^"\\]|\\(?:["'\\]|u[0-9a-fA-F]{4}))*|'(?:[^'\\]|\\(?:["'\\]|u[0-9a-fA-F]{4}))*/y],
  ['integer', /-?[0-9]+/y],
  ['hex', /0[xX][0-9a-fA-F]+/y],
  ['real', /-?[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|-?[0-9]*[eE][+-]?[0-9]+/y],
  ['constant', /true|false|null|undefined/y],
  ['symbol', /[(){},]/y],
  ['keyword', /AND|OR|NOT/iy],
  ['operator', /\|\||\?\?|!=|<>|<=|>=|[+\-*/%=<>]/y],
  ['system', /\$[^()<>@,;:\\"/?={} \t\n\r]+/y],
  ['name', /[^()<>@,;:\\"/[\]?={} \t\n\r]+/y],
  ['path', /[^()<>@,;:\\"/?={} \t\n\r]+/y],
  ['skip', /[ \t\r\n]+/y],
  ['skip', /\/\*[\s\S]*?\*\//y],
];

/** The first token at or after `start`; an `end` token at the end of the text. */
export function nextToken(text: string, start: number): Token {
  let offset = start;
  while (offset < text.length) {
    const [kind, end] = longestMatch(text, offset);
    if (kind !== 'skip') {
      const written = text.slice(offset, end);
      return { kind, text: kind === 'keyword' ? written.toUpperCase() : written, start: offset, end };
    }
    offset = end;
  }
  return { kind: 'end', text: '', start: text.length, end: text.length };
}

function longestMatch(text: string, offset: number): [TokenKind | 'skip', number] {
  let best: TokenKind | 'skip' = 'unknown';
  let bestEnd = offset;
  for (const [kind, pattern] of rules) {
    pattern.lastIndex = offset;
    if (pattern.test(text) && pattern.lastIndex > bestEnd) {
      best = kind;
      bestEnd = pattern.lastIndex;
    }
  }
  return bestEnd === offset ? ['unknown', offset + 1] : [best, bestEnd];
}
