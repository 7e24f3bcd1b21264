import { nullText, type StaticType, type Value } from '../value.ts';

export type Comparison = '<' | '<=' | '>' | '>=' | '=' | '!=' | '<>';

/** Compares two values whose static types are equal or one of which is `body`. Undefined on either side yields undefined. */
export function comparison(
  operator: Comparison,
  left: StaticType,
  right: StaticType,
): (a: Value, b: Value) => boolean | undefined {
  const isText = left === 'string' && right === 'string';
  return (a, b) => {
    if (a === undefined || b === undefined) return undefined;
    // A property without text compares with bodies only (ComparisonOperators.cs).
    if (isText && (a === nullText || b === nullText)) return undefined;
    return holds(operator, order(a, b));
  };
}

type Defined = Exclude<Value, undefined>;

// Values of different kinds order bool < number < string < null (QueryValueType.cs).
function order(a: Defined, b: Defined): number {
  const kinds = rank(a) - rank(b);
  if (kinds !== 0 || a === b || a === null || b === null) return kinds;
  // .NET's CompareTo: NaN equals NaN and is less than every number, as a null text is less than every text.
  if (typeof a === 'symbol' || Number.isNaN(a)) return typeof b === 'symbol' || Number.isNaN(b) ? 0 : -1;
  if (typeof b === 'symbol' || Number.isNaN(b)) return 1;
  return a < b ? -1 : 1;
}

function rank(value: Defined): number {
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
