import type { BinaryOperator, Expression } from './expression.ts';
import type { Token } from './lexer.ts';
import { SyntaxProblem } from './syntax-error.ts';
import type { TokenReader } from './token-reader.ts';

// Loosest first; all binary operators associate to the left (Condition.g4).
const levels: readonly (readonly BinaryOperator[])[] = [
  ['??'],
  ['OR'],
  ['AND'],
  ['=', '!=', '<>'],
  ['<', '<=', '>', '>='],
  ['+', '-', '||'],
  ['*', '/', '%'],
];

/** Reads a condition up to the first token that cannot continue it. @throws SyntaxProblem */
export function parseExpression(reader: TokenReader, level = 0): Expression {
  const operators = levels[level];
  if (operators === undefined) return parseUnary(reader);
  let left = parseExpression(reader, level + 1);
  for (;;) {
    const operator = operators.find((candidate) => isOperator(reader.peek(), candidate));
    if (operator === undefined) return left;
    const span = reader.take();
    left = { kind: 'binary', operator, left, right: parseExpression(reader, level + 1), span };
  }
}

function isOperator(token: Token, operator: BinaryOperator): boolean {
  return (token.kind === 'operator' || token.kind === 'keyword') && token.text === operator;
}

// NOT binds tighter than every binary operator, so `NOT a = 'x'` means `(NOT a) = 'x'`, which does not compile.
function parseUnary(reader: TokenReader): Expression {
  const minus = reader.takeIf('operator', '-');
  if (minus !== undefined) return { kind: 'unary', operator: '-', operand: parseUnary(reader), span: minus };
  const not = reader.takeIf('keyword', 'NOT');
  if (not !== undefined) return { kind: 'unary', operator: 'NOT', operand: parseUnary(reader), span: not };
  return parsePrimary(reader);
}

function parsePrimary(reader: TokenReader): Expression {
  const token = reader.peek();
  const span = { start: token.start, end: token.end };
  switch (token.kind) {
    case 'string':
      reader.take();
      return { kind: 'string', value: unescapeString(token.text), span };
    case 'integer':
    case 'real':
    case 'hex':
      reader.take();
      return { kind: 'number', value: numberOf(token.text), span };
    case 'constant':
      reader.take();
      if (token.text === 'null' || token.text === 'undefined') return { kind: token.text, span };
      return { kind: 'bool', value: token.text === 'true', span };
    case 'system':
      reader.take();
      return { kind: 'system', name: token.text.slice(1), isBraced: false, span };
    case 'name':
      reader.take();
      return reader.peek().text === '(' ? parseCall(reader, token) : { kind: 'property', name: token.text, span };
    case 'symbol':
      if (token.text === '(') return parseGroup(reader);
      if (token.text === '{') return parseBraced(reader);
      throw reader.unexpected();
    default:
      throw reader.unexpected();
  }
}

function parseGroup(reader: TokenReader): Expression {
  const open = reader.take();
  const inner = parseExpression(reader);
  if (reader.takeIf('symbol', ')') === undefined) {
    throw reader.peek().kind === 'end'
      ? new SyntaxProblem("Syntax error: missing closing ')'", open)
      : reader.unexpected();
  }
  return inner;
}

function parseBraced(reader: TokenReader): Expression {
  const { start } = reader.take();
  const property = reader.expect('system');
  const { end } = reader.expect('symbol', '}');
  return { kind: 'system', name: property.text.slice(1), isBraced: true, span: { start, end } };
}

function parseCall(reader: TokenReader, name: Token): Expression {
  reader.expect('symbol', '(');
  const values: Expression[] = [];
  if (reader.takeIf('symbol', ')') === undefined) {
    do values.push(parseExpression(reader));
    while (reader.takeIf('symbol', ',') !== undefined);
    reader.expect('symbol', ')');
  }
  return { kind: 'call', name: name.text, arguments: values, span: { start: name.start, end: name.end } };
}

// `.5`, `e5`: .NET's double parser reads a missing mantissa as an error, JavaScript as well; the lexer lets `e5` through.
function numberOf(text: string): number {
  if (/^0x/i.test(text)) return Number.parseInt(text, 16);
  const value = Number(text);
  return Number.isNaN(value) ? Number(text.replace(/^(-?)[eE]/, '$10e')) : value;
}

/** The value of a string token: quotes removed, escapes resolved. */
export function unescapeString(written: string): string {
  return written
    .slice(1, -1)
    .replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_match, code: string | undefined, plain: string | undefined) =>
      code === undefined ? (plain ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
    );
}
