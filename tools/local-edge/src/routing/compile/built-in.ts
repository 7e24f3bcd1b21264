import type { Compiled, Evaluate, StaticType, Value } from '../value.ts';

/** A built-in function: which argument types it takes, and what it makes of them. */
export interface BuiltIn {
  /** The result's type, or `undefined` when the arguments do not fit. */
  accepts(types: readonly StaticType[]): StaticType | undefined;
  create(values: readonly Compiled[]): Evaluate;
}

type Kind = 'string' | 'number';
type ArgumentOf<K extends Kind> = K extends 'string' ? string : number;
type Arguments<K extends readonly Kind[]> = { [I in keyof K]: ArgumentOf<K[I]> };

/**
 * A function of strings and numbers, for which a body may stand in. It is called only when every argument holds a value of its kind; otherwise, and for
 * not-a-number, the result is undefined.
 */
export function plainFunction<const K extends readonly Kind[]>(
  kinds: K,
  result: StaticType,
  call: (...values: Arguments<K>) => Value,
): BuiltIn {
  return {
    accepts: (types) =>
      types.length === kinds.length && types.every((type, index) => type === kinds[index] || type === 'body')
        ? result
        : undefined,
    create: (parts) => (message) => {
      const values = parts.map((part) => part.evaluate(message));
      if (!areOf(kinds, values)) return undefined;
      const value: Value = call.apply(undefined, values);
      return Number.isNaN(value) ? undefined : value;
    },
  };
}

function areOf<K extends readonly Kind[]>(kinds: K, values: readonly unknown[]): values is Arguments<K> {
  return kinds.every((kind, index) => typeof values[index] === kind);
}
