import { nullText, type Value } from '../value.ts';
import { type BuiltIn, plainFunction } from './built-in.ts';
import { lowerInvariant, upperInvariant } from './invariant-case.ts';

const ofTwo = (call: (text: string, part: string) => boolean): BuiltIn =>
  plainFunction(['string', 'string'], 'bool', call);

const fromStart = plainFunction(['string', 'number'], 'string', (text, start) => {
  return start >= 0 && start <= text.length ? text.slice(Math.trunc(start)) : undefined;
});

const ofLength = plainFunction(['string', 'number', 'number'], 'string', (text, start, length) => {
  // The ranges are checked before the fractions are cut off.
  const fits = start >= 0 && start < text.length && length >= 0 && length <= text.length - start;
  return fits ? text.slice(Math.trunc(start), Math.trunc(start) + Math.trunc(length)) : undefined;
});

export const textFunctions: readonly (readonly [string, BuiltIn])[] = [
  ['length', plainFunction(['string'], 'number', (text) => text.length)],
  ['lower', plainFunction(['string'], 'string', lowerInvariant)],
  ['upper', plainFunction(['string'], 'string', upperInvariant)],
  ['index_of', plainFunction(['string', 'string'], 'number', (text, part) => text.indexOf(part))],
  ['starts_with', ofTwo((text, part) => text.startsWith(part))],
  ['ends_with', ofTwo((text, part) => text.endsWith(part))],
  ['contains', ofTwo((text, part) => text.includes(part))],
  [
    'substring',
    {
      accepts: (types) => fromStart.accepts(types) ?? ofLength.accepts(types),
      create: (values) => (values.length === 2 ? fromStart : ofLength).create(values),
    },
  ],
  [
    'concat',
    {
      accepts: (types) =>
        types.length >= 2 && types.every((type) => type === 'string' || type === 'body') ? 'string' : undefined,
      create: (values) => (message) => concatenated(values.map((value) => value.evaluate(message))),
    },
  ],
];

/** Undefined when a part is no text; a property that is there with a null value counts as the empty text. */
export function concatenated(values: readonly Value[]): string | undefined {
  let text = '';
  for (const value of values) {
    if (value === nullText) continue;
    if (typeof value !== 'string') return undefined;
    text += value;
  }
  return text;
}
