import { problemAt, type RouteProblem, type Span } from '../position.ts';
import type { Expression } from './expression.ts';
import { parseExpression } from './parse-expression.ts';
import { SyntaxProblem } from './syntax-error.ts';
import { TokenReader } from './token-reader.ts';
import { unescapeString } from './unescape-string.ts';

export type Sink =
  | { readonly kind: 'system'; readonly name: string }
  | { readonly kind: 'function'; readonly name: string; readonly address: string };

/** A route that obeys the grammar. Its condition may still fail to compile. */
export interface ParsedRoute {
  /** As written, for example `/messages/modules/a/*`. */
  readonly source: string;
  /** The text between WHERE and INTO, `true` without one. */
  readonly conditionText: string;
  readonly condition: Expression;
  readonly sink: Sink;
  /** What follows the sink. edgeHub ignores it, so a WHERE written there filters nothing. */
  readonly ignoredText: string;
  readonly sourceSpan: Span;
  readonly sinkSpan: Span;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly RouteProblem[] };

/** Parses `[SELECT *] FROM path [WHERE condition] INTO sink`. */
export function parseRoute(text: string): Parsed<ParsedRoute> {
  return guarded(text, () => {
    const reader = new TokenReader(text);
    if (reader.takeIf('keyword', 'SELECT') !== undefined) reader.expect('operator', '*');
    reader.expect('keyword', 'FROM');
    const sourceSpan = { start: reader.peek().start, end: reader.peek().start };
    const source = parsePath(reader, sourceSpan);
    let condition: Expression = { kind: 'bool', value: true, span: { start: 0, end: 0 } };
    let conditionText = 'true';
    if (reader.takeIf('keyword', 'WHERE') !== undefined) {
      const { start } = reader.peek();
      condition = parseExpression(reader);
      conditionText = text.slice(start, reader.peek().start).trim();
    }
    reader.expect('keyword', 'INTO');
    const { start } = reader.peek();
    const { sink, end } = parseSink(reader);
    const ignoredText = text.slice(end).trim();
    return { source, conditionText, condition, sink, ignoredText, sourceSpan, sinkSpan: { start, end } };
  });
}

/**
 * Parses a condition that stands alone, without FROM and INTO. An empty one is the literal undefined. As after a route's sink, text that
 * cannot continue it is ignored: edgeHub's grammar has no end of input here either.
 */
export function parseCondition(text: string): Parsed<Expression> {
  return guarded(text, () => {
    const reader = new TokenReader(text);
    if (reader.peek().kind === 'end') return { kind: 'undefined', span: { start: 0, end: 0 } };
    return parseExpression(reader);
  });
}

/** Parses a condition as `parseCondition` does, and refuses text that does not belong to it: for people, who mean what they write. */
export function parseWholeCondition(text: string): Parsed<Expression> {
  return guarded(text, () => {
    const reader = new TokenReader(text);
    const condition = parseExpression(reader);
    reader.expect('end');
    return condition;
  });
}

function guarded<T>(text: string, parse: () => T): Parsed<T> {
  try {
    return { ok: true, value: parse() };
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    return { ok: false, problems: [problemAt(text, error.span, error.message)] };
  }
}

function parsePath(reader: TokenReader, span: { end: number }): string {
  let path = '';
  while (reader.takeIf('operator', '/') !== undefined) {
    const part = reader.takeIf('operator', '*') ?? reader.expect('name');
    path += `/${part.text}`;
    span.end = part.end;
  }
  if (path === '') throw reader.unexpected();
  return path;
}

// The grammar has no end of input: the parser stops after the sink, whatever follows.
function parseSink(reader: TokenReader): { sink: Sink; end: number } {
  const system = reader.takeIf('system');
  if (system !== undefined) return { sink: { kind: 'system', name: system.text }, end: system.end };
  const name = reader.expect('name');
  reader.expect('symbol', '(');
  const address = unescapeString(reader.expect('string').text.slice(1, -1));
  const { end } = reader.expect('symbol', ')');
  return { sink: { kind: 'function', name: name.text, address }, end };
}
