import type { Span } from '../position.ts';

export type UnaryOperator = '-' | 'NOT';
export type BinaryOperator =
  | '*'
  | '/'
  | '%'
  | '+'
  | '-'
  | '||'
  | '<'
  | '<='
  | '>'
  | '>='
  | '='
  | '!='
  | '<>'
  | 'AND'
  | 'OR'
  | '??';

/** The syntax tree of a condition. `span` is the stretch that an error about the node points at. */
export type Expression =
  | { readonly kind: 'string'; readonly value: string; readonly span: Span }
  | { readonly kind: 'number'; readonly value: number; readonly span: Span }
  | { readonly kind: 'bool'; readonly value: boolean; readonly span: Span }
  | { readonly kind: 'null' | 'undefined'; readonly span: Span }
  /** An application property. */
  | { readonly kind: 'property'; readonly name: string; readonly span: Span }
  /** `$name`, or `{$name}` when `isBraced`: then application properties are not looked at. The name is without `$`. */
  | { readonly kind: 'system'; readonly name: string; readonly isBraced: boolean; readonly span: Span }
  | { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly operand: Expression; readonly span: Span }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly span: Span;
    }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[]; readonly span: Span }
  /** What the grammar lets pass so that the compiler can name it; what it spans is not compiled. */
  | { readonly kind: 'broken'; readonly message: string; readonly type: 'string' | 'undefined'; readonly span: Span };
