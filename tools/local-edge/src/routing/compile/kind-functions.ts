import { nullText, type StaticType, type Value } from '../value.ts';
import type { BuiltIn } from './built-in.ts';

/** A question about one argument of any type; `undefined` for a body that holds no value. */
function question(ask: (value: Value, type: StaticType) => boolean | undefined): BuiltIn {
  return {
    accepts: (types) => (types.length === 1 ? 'bool' : undefined),
    create:
      ([argument]) =>
      (message) =>
        argument === undefined ? undefined : ask(argument.evaluate(message), argument.type),
  };
}

/** False for another static type and for no value at all. */
function isOfKind(kind: 'number' | 'string', holds: (value: Value) => boolean): BuiltIn {
  return question((value, type) => (type === 'body' || type === kind) && holds(value));
}

export const kindFunctions: readonly (readonly [string, BuiltIn])[] = [
  [
    'is_bool',
    question((value, type) => {
      if (type !== 'bool' && type !== 'body') return false;
      return value === undefined ? undefined : typeof value === 'boolean';
    }),
  ],
  ['is_number', isOfKind('number', (value) => typeof value === 'number' && Number.isFinite(value))],
  ['is_string', isOfKind('string', (value) => typeof value === 'string')],
  ['is_defined', question((value) => value !== undefined)],
  [
    'is_null',
    {
      accepts: (types) => (types.length === 1 ? 'bool' : undefined),
      create:
        ([argument]) =>
        (message) => {
          const value = argument?.evaluate(message);
          if (argument?.type !== 'body') return value === null || value === nullText;
          // A defect of the real hub: for a body it is the other way round, true for any scalar that is there.
          return value === undefined ? undefined : argument.isAbsent?.(message) !== true;
        },
    },
  ],
];
