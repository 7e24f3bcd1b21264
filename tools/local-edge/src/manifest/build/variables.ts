import { expandVariables } from '../expand-variables.ts';
import type { SourceValue } from './json-source.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Replaces variables in all texts of a document; keys and undefined names stay. */
export function expandSource(value: SourceValue, environment: Environment): SourceValue {
  if (typeof value === 'string') return expandVariables(value, environment);
  if (Array.isArray(value)) return value.map((item) => expandSource(item, environment));
  if (!(value instanceof Map)) return value;
  return new Map([...value].map(([key, inner]) => [key, expandSource(inner, environment)]));
}

/**
 * Names of the `$VARIABLES` in a text that nothing has set. They stay as they are, which is seldom what their author meant. Only upper-case
 * names count: `$upstream` and `$edgeHub` are none.
 */
export function unsetVariables(text: string, environment: Environment): readonly string[] {
  const names = [...text.matchAll(/\$(?:\{([A-Z][A-Z0-9_]*)\}|([A-Z][A-Z0-9_]*)\b)/g)].map(
    ([, braced, bare]) => braced ?? bare ?? '',
  );
  return [...new Set(names)].filter((name) => environment[name] === undefined);
}
