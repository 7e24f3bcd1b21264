import type { CompileContext } from './compile-condition.ts';
import type { Expression } from './expression.ts';
import type { Compiled, Evaluate, StaticType } from './value.ts';

/** A built-in function: which argument types it takes, and what it makes of them. */
interface BuiltIn {
  /** The result's type, or `undefined` when the arguments do not fit. */
  accepts(types: readonly StaticType[]): StaticType | undefined;
  create(values: readonly Compiled[]): Evaluate;
}

const builtIns = new Map<string, BuiltIn>([
  ['as_number', ofText('number', (text) => parseNumber(text))],
  ['length', ofText('number', (text) => text.length)],
  ['lower', ofText('string', (text) => text.toLowerCase())],
  ['upper', ofText('string', (text) => text.toUpperCase())],
  ['starts_with', ofTwoTexts((text, part) => text.startsWith(part))],
  ['ends_with', ofTwoTexts((text, part) => text.endsWith(part))],
  ['contains', ofTwoTexts((text, part) => text.includes(part))],
  [
    'is_defined',
    {
      accepts: (types) => (types.length === 1 ? 'bool' : undefined),
      create:
        ([value]) =>
        (message) =>
          value?.evaluate(message) !== undefined,
    },
  ],
]);

/** Compiles a call of a built-in function. Names are compared ignoring case. */
export function compileCall(expression: Expression & { kind: 'call' }, context: CompileContext): Compiled {
  const values = expression.arguments.map((argument) => context.compile(argument));
  const builtIn = builtIns.get(expression.name.toLowerCase());
  if (builtIn === undefined) return context.fail(expression.span, `Invalid built-in function '${expression.name}'`);
  const types = values.map((value) => value.type);
  const type = builtIn.accepts(types);
  if (type === undefined) {
    return context.fail(
      expression.span,
      `Invalid arguments to built-in function '${expression.name}': ${expression.name}(${types.join(', ')})`,
    );
  }
  return { type, evaluate: builtIn.create(values) };
}

function isText(type: StaticType | undefined): boolean {
  return type === 'string' || type === 'body';
}

function ofText(result: StaticType, call: (text: string) => string | number | undefined): BuiltIn {
  return {
    accepts: (types) => (types.length === 1 && isText(types[0]) ? result : undefined),
    create:
      ([value]) =>
      (message) => {
        const text = value?.evaluate(message);
        return typeof text === 'string' ? call(text) : undefined;
      },
  };
}

function ofTwoTexts(call: (text: string, part: string) => boolean): BuiltIn {
  return {
    accepts: (types) => (types.length === 2 && types.every(isText) ? 'bool' : undefined),
    create:
      ([value, other]) =>
      (message) => {
        const text = value?.evaluate(message);
        const part = other?.evaluate(message);
        return typeof text === 'string' && typeof part === 'string' ? call(text, part) : undefined;
      },
  };
}

// .NET's NumberStyles.Any with the invariant culture: thousands separators, parentheses and a trailing sign are fine.
const netNumber = /^\s*(?:\(([\d,]*\.?\d*(?:[eE][+-]?\d+)?)\)|([+-]?)([\d,]*\.?\d*(?:[eE][+-]?\d+)?)([+-]?))\s*$/;

function parseNumber(text: string): number | undefined {
  const match = netNumber.exec(text);
  const digits = (match?.[1] ?? match?.[3] ?? '').replaceAll(',', '');
  if (match === null || !/\d/.test(digits.replace(/[eE].*/, '')) || (match[2] && match[4])) return undefined;
  const value = Number(digits);
  if (Number.isNaN(value)) return undefined;
  return match[1] !== undefined || match[2] === '-' || match[4] === '-' ? -value : value;
}
