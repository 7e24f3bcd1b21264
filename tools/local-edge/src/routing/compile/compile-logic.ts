import type { Expression } from '../parse/expression.ts';
import type { Compiled, RoutableMessage, StaticType } from '../value.ts';
import { mismatch } from './compile-binary.ts';
import type { CompileContext } from './compile-condition.ts';

type Truth = boolean | undefined;

/** AND and OR over true, false and undefined. A body may stand on the left only, and then with anything on the right. */
export function compileLogic(
  expression: Expression & { kind: 'binary' },
  left: Compiled,
  right: Compiled,
  context: CompileContext,
): Compiled {
  const isAnd = expression.operator === 'AND';
  if (left.type === 'body') {
    if (isAnd && right.type === 'null') return mismatch(expression, left, right, 'bool', context);
    // No short cut: a body that holds no truth value makes the whole undefined.
    return strict(isAnd, left, right);
  }
  if (!isLogical(left.type) || !isLogical(right.type)) return mismatch(expression, left, right, 'bool', context);
  // .NET has no operator for the pair.
  const pair = [left.type, right.type];
  if (pair.includes('null') && pair.includes('undefined')) return mismatch(expression, left, right, 'bool', context);
  if (isAnd && (left.type === 'null' || right.type === 'null')) return { type: 'null', evaluate: () => null };
  if (left.type === 'null' && right.type === 'null') return { type: 'null', evaluate: () => null };
  if (left.type === 'null') return { type: 'bool', evaluate: right.evaluate };
  if (right.type === 'null') return { type: 'bool', evaluate: left.evaluate };
  return { type: 'bool', evaluate: (message) => combine(isAnd, truth(left, message), truth(right, message)) };
}

function isLogical(type: StaticType): boolean {
  return type === 'bool' || type === 'null' || type === 'undefined';
}

function strict(isAnd: boolean, left: Compiled, right: Compiled): Compiled {
  return {
    type: 'bool',
    evaluate: (message) => {
      const a = truth(left, message);
      const b = truth(right, message);
      if (a === undefined || b === undefined) return undefined;
      return isAnd ? a && b : a || b;
    },
  };
}

function truth(compiled: Compiled, message: RoutableMessage): Truth {
  const value = compiled.evaluate(message);
  return typeof value === 'boolean' ? value : undefined;
}

function combine(isAnd: boolean, a: Truth, b: Truth): Truth {
  const decisive = !isAnd;
  if (a === decisive || b === decisive) return decisive;
  return a === undefined || b === undefined ? undefined : isAnd;
}
