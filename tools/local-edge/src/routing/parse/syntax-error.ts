import type { Span } from '../position.ts';

/** Thrown inside the lexer and parser only; `parseRoute` and `parseCondition` turn it into a RouteProblem. */
export class SyntaxProblem extends Error {
  readonly span: Span;

  constructor(message: string, span: Span) {
    super(message);
    this.name = 'SyntaxProblem';
    this.span = span;
  }
}
