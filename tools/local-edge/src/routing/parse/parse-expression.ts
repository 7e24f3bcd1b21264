import type { BinaryOperator, Expression } from './expression.ts';
import type { Token } from './lexer.ts';
import { numberLiteral } from './number-literal.ts';
import { balanceParentheses, type Parentheses } from './parentheses.ts';
import { SyntaxProblem } from './syntax-error.ts';
import type { TokenReader } from './token-reader.ts';
import { unescapeString } from './unescape-string.ts';

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

/** Deeper trees are refused: no person writes them, and the compiler's recursion has to end somewhere. */
const maxDepth = 200;
const maxOperators = 1000;

/** Reads a condition up to the first token that cannot continue it. @throws SyntaxProblem */
export function parseExpression(reader: TokenReader): Expression {
  return new ExpressionParser(reader).parse();
}

class ExpressionParser {
  readonly #reader: TokenReader;
  readonly #parentheses: Parentheses;
  #extra: number;
  #depth = 0;
  #operators = 0;

  constructor(reader: TokenReader) {
    this.#reader = reader;
    this.#parentheses = balanceParentheses(reader);
    this.#extra = this.#parentheses.extra;
  }

  // The grammar knows a stray character as an operator that binds loosest of all: one message then names it.
  parse(): Expression {
    if (this.#depth >= maxDepth) throw new SyntaxProblem('Syntax error: nested too deeply', this.#reader.peek());
    this.#depth += 1;
    let left = this.#binary(0);
    while (this.#reader.peek().kind === 'unknown') {
      const symbol = this.#reader.take();
      this.#binary(0);
      left = invalidSymbol(symbol);
    }
    this.#depth -= 1;
    return left;
  }

  #binary(level: number): Expression {
    const operators = levels[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = operators.find((candidate) => isOperator(this.#reader.peek(), candidate));
      if (operator === undefined) return left;
      const span = this.#reader.take();
      this.#operators += 1;
      if (this.#operators > maxOperators) throw new SyntaxProblem('Syntax error: too many operators', span);
      left = { kind: 'binary', operator, left, right: this.#binary(level + 1), span };
    }
  }

  // NOT binds tighter than every binary operator, so `NOT a = 'x'` means `(NOT a) = 'x'`, which does not compile.
  #unary(): Expression {
    const sign = this.#reader.takeIf('operator', '-') ?? this.#reader.takeIf('keyword', 'NOT');
    if (sign === undefined) return this.#primary();
    if (this.#depth >= maxDepth) throw new SyntaxProblem('Syntax error: nested too deeply', sign);
    this.#depth += 1;
    const operand = this.#unary();
    this.#depth -= 1;
    return { kind: 'unary', operator: sign.text === '-' ? '-' : 'NOT', operand, span: sign };
  }

  #primary(): Expression {
    const token = this.#reader.peek();
    const span = { start: token.start, end: token.end };
    switch (token.kind) {
      case 'string':
        this.#reader.take();
        return { kind: 'string', value: unescapeString(token.text.slice(1, -1)), span };
      case 'unterminated':
        this.#reader.take();
        return { kind: 'broken', message: 'Syntax error: unterminated string', type: 'string', span };
      case 'integer':
      case 'real':
      case 'hex':
        return numberLiteral(this.#reader.take());
      case 'constant':
        this.#reader.take();
        if (token.text === 'null' || token.text === 'undefined') return { kind: token.text, span };
        return { kind: 'bool', value: token.text === 'true', span };
      case 'system':
        this.#reader.take();
        return { kind: 'system', name: token.text.slice(1), isBraced: false, span };
      case 'name':
        this.#reader.take();
        if (!isSymbol(this.#reader.peek(), '(')) return { kind: 'property', name: token.text, span };
        return this.#withoutExtra(this.#call(token));
      case 'symbol':
        if (token.text === '(') return this.#group();
        if (token.text === '{') return this.#braced();
        throw this.#reader.unexpected();
      case 'unknown':
        this.#reader.take();
        if (startsOperand(this.#reader.peek())) this.#binary(0);
        return invalidSymbol(token);
      default:
        throw this.#reader.unexpected();
    }
  }

  #group(): Expression {
    const open = this.#reader.take();
    const inner = this.parse();
    if (!this.#parentheses.unclosed.has(open.start) && this.#reader.takeIf('symbol', ')'))
      return this.#withoutExtra(inner);
    return { kind: 'broken', message: "Syntax error: missing closing ')'", type: 'undefined', span: open };
  }

  // Only after a group or a call does the grammar know a closing parenthesis too many.
  #withoutExtra(expression: Expression): Expression {
    if (this.#extra === 0 || !isSymbol(this.#reader.peek(), ')')) return expression;
    this.#extra -= 1;
    const span = this.#reader.take();
    return { kind: 'broken', message: "Syntax error: unmatched closing ')'", type: 'undefined', span };
  }

  #braced(): Expression {
    this.#reader.take();
    const { text, start, end } = this.#reader.expect('system');
    this.#reader.expect('symbol', '}');
    return { kind: 'system', name: text.slice(1), isBraced: true, span: { start, end } };
  }

  #call(name: Token): Expression {
    this.#reader.expect('symbol', '(');
    const values: Expression[] = [];
    if (this.#reader.takeIf('symbol', ')') === undefined) {
      do values.push(this.parse());
      while (this.#reader.takeIf('symbol', ',') !== undefined);
      this.#reader.expect('symbol', ')');
    }
    return { kind: 'call', name: name.text, arguments: values, span: { start: name.start, end: name.end } };
  }
}

function isOperator(token: Token, operator: BinaryOperator): boolean {
  return (token.kind === 'operator' || token.kind === 'keyword') && token.text === operator;
}

function isSymbol(token: Token, text: string): boolean {
  return token.kind === 'symbol' && token.text === text;
}

function startsOperand(token: Token): boolean {
  switch (token.kind) {
    case 'operator':
    case 'unknown':
    case 'path':
    case 'end':
      return false;
    case 'keyword':
      return token.text === 'NOT';
    case 'symbol':
      return token.text === '(' || token.text === '{';
    default:
      return true;
  }
}

function invalidSymbol({ text, start, end }: Token): Expression {
  return { kind: 'broken', message: `Syntax error: invalid symbol '${text}'`, type: 'undefined', span: { start, end } };
}
