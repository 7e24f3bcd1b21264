import type { StaticType, Value } from './value.ts';

export type Comparison = '<' | '<=' | '>' | '>=' | '=' | '!=' | '<>';

/** Compares two values whose static types are equal or one of which is `body`. Undefined on either side yields undefined. */
export function comparison(
  operator: Comparison,
  left: StaticType,
  right: StaticType,
): (a: Value, b: Value) => boolean | undefined {
  // The null of a property is not the null literal: only body values and literals compare with it.
  const nullIsUndefined = left === 'string' && right === 'string';
  return (a, b) => {
    if (a === undefined || b === undefined) return undefined;
    if (nullIsUndefined && (a === null || b === null)) return undefined;
    return holds(operator, order(a, b));
  };
}

// Values of different kinds order bool < number < string < null (QueryValue.cs).
function order(a: Exclude<Value, undefined>, b: Exclude<Value, undefined>): number {
  const kinds = rank(a) - rank(b);
  if (kinds !== 0 || a === null || b === null) return kinds;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function rank(value: Exclude<Value, undefined>): number {
  if (value === null) return 3;
  switch (typeof value) {
    case 'boolean':
      return 0;
    case 'number':
      return 1;
    default:
      return 2;
  }
}

function holds(operator: Comparison, sign: number): boolean {
  switch (operator) {
    case '<':
      return sign < 0;
    case '<=':
      return sign <= 0;
    case '>':
      return sign > 0;
    case '>=':
      return sign >= 0;
    case '=':
      return sign === 0;
    case '!=':
    case '<>':
      return sign !== 0;
  }
}
