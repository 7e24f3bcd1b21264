import type { BinaryOperator, Expression } from '../parse/expression.ts';
import type { Compiled, StaticType } from '../value.ts';
import { comparison } from './compare.ts';
import type { CompileContext } from './compile-condition.ts';
import { compileLogic } from './compile-logic.ts';
import { concatenated } from './text-functions.ts';
import { typeName } from './type-name.ts';

type Binary = Expression & { kind: 'binary' };

/** Compiles a binary operator; operands of types that do not go together are a problem, never converted. */
export function compileBinary(expression: Binary, context: CompileContext): Compiled {
  const left = context.compile(expression.left);
  const right = context.compile(expression.right);
  const { operator } = expression;
  switch (operator) {
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return arithmetic(expression, left, right, context);
    case '||':
      return concatenation(expression, left, right, context);
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '=':
    case '!=':
    case '<>': {
      if (!areComparable(left.type, right.type)) return mismatch(expression, left, right, left.type, context);
      const compare = comparison(operator, left.type, right.type);
      return { type: 'bool', evaluate: (message) => compare(left.evaluate(message), right.evaluate(message)) };
    }
    case 'AND':
    case 'OR':
      return compileLogic(expression, left, right, context);
    case '??':
      return fallback(expression, left, right, context);
  }
}

/** Notes `Invalid operands to binary operator …` at the operator. */
export function mismatch(
  expression: Binary,
  left: Compiled,
  right: Compiled,
  expected: StaticType,
  context: CompileContext,
): Compiled {
  return context.fail(
    expression.span,
    `Invalid operands to binary operator '${context.written(expression.span)}': have '${typeName(left.type)}' and '${typeName(right.type)}', expected '${typeName(expected)}' and '${typeName(expected)}'`,
  );
}

function areComparable(left: StaticType, right: StaticType): boolean {
  if (left === 'body') return right !== 'undefined';
  if (right === 'body') return left !== 'undefined';
  return left === right;
}

const calculations: Readonly<Partial<Record<BinaryOperator, (a: number, b: number) => number>>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

function arithmetic(expression: Binary, left: Compiled, right: Compiled, context: CompileContext): Compiled {
  const takesBody = expression.operator !== '%';
  const isNumeric = (type: StaticType) => type === 'number' || (takesBody && type === 'body');
  const calculate = calculations[expression.operator];
  if (calculate === undefined || !isNumeric(left.type) || !isNumeric(right.type)) {
    return mismatch(expression, left, right, 'number', context);
  }
  // A body's not-a-number stays a value that compares, a plain one is undefined (QueryValue.cs, Undefined.cs).
  const type = left.type === 'body' || right.type === 'body' ? 'body' : 'number';
  return {
    type,
    evaluate: (message) => {
      const a = left.evaluate(message);
      const b = right.evaluate(message);
      if (typeof a !== 'number' || typeof b !== 'number') return undefined;
      const result = calculate(a, b);
      return type === 'number' && Number.isNaN(result) ? undefined : result;
    },
  };
}

function concatenation(expression: Binary, left: Compiled, right: Compiled, context: CompileContext): Compiled {
  const isText = (type: StaticType) => type === 'string' || type === 'body';
  if (!isText(left.type) || !isText(right.type)) return mismatch(expression, left, right, 'string', context);
  return {
    type: 'string',
    evaluate: (message) => concatenated([left.evaluate(message), right.evaluate(message)]),
  };
}

function fallback(expression: Binary, left: Compiled, right: Compiled, context: CompileContext): Compiled {
  if (!areComparable(left.type, right.type)) return mismatch(expression, left, right, left.type, context);
  return {
    type: left.type === 'body' || right.type === 'body' ? 'body' : left.type,
    evaluate: (message) => {
      const value = left.evaluate(message);
      return value === undefined ? right.evaluate(message) : value;
    },
    isAbsent: (message) => (left.evaluate(message) === undefined ? right : left).isAbsent?.(message) === true,
  };
}
