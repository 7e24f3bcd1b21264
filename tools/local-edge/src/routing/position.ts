/** A place in a route's text. Lines and columns start at 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A stretch of a route's text: character offsets, the end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What is wrong with a route and where, as edgeHub's own compiler words it. The end is exclusive. */
export interface RouteProblem {
  readonly message: string;
  readonly start: Position;
  readonly end: Position;
}

/** Line and column of a character offset. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const lastBreak = before.lastIndexOf('\n');
  return { line: before.split('\n').length, column: offset - lastBreak };
}

/** A problem at a stretch of the text. It never leaves its first line; the end of the text is reported one character wide. */
export function problemAt(text: string, span: Span, message: string): RouteProblem {
  const start = positionAt(text, span.start);
  const lineLength = (text.split(/\r?\n/)[start.line - 1] ?? '').length;
  const width = Math.max(1, span.end - span.start);
  return { message, start, end: { line: start.line, column: Math.min(start.column + width, lineLength + 2) } };
}
