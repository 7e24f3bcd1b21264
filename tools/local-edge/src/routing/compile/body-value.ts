import { systemProperty } from '../message-properties.ts';
import type { RoutableMessage, Value } from '../value.ts';
import type { BodyPath, BodyStep } from './body-path.ts';
import { parseLenientObject } from './parse-lenient-json.ts';

// Several conditions ask for the same message's body: parse it once. A message is never changed after it came in.
const parsed = new WeakMap<RoutableMessage, object | undefined>();

/**
 * The value at a path of the body. Objects, arrays and date-like strings are undefined, an absent path is null, and everything is
 * undefined when the body cannot be read: contentType must be application/json alone, contentEncoding utf-8, utf-16 or utf-32,
 * and the text a JSON object.
 */
export function bodyValue(message: RoutableMessage, path: BodyPath): Value {
  const found = find(message, path);
  if (found === undefined) return undefined;
  const [first] = found;
  if (found.length === 0) return null;
  return found.length > 1 ? undefined : scalar(first);
}

/** Whether the body can be read and has nothing at a path, which `bodyValue` cannot tell from a JSON null. */
export function isBodyPathAbsent(message: RoutableMessage, path: BodyPath): boolean {
  return find(message, path)?.length === 0;
}

/** All that lies at a path, several values with `*`; `undefined` when there is no asking. */
function find(message: RoutableMessage, { steps }: BodyPath): readonly unknown[] | undefined {
  const root = parsedBody(message);
  if (root === undefined || steps === undefined) return undefined;
  let current: readonly unknown[] = [root];
  for (const step of steps) current = current.flatMap((value) => at(value, step));
  return current;
}

function at(value: unknown, step: BodyStep): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('all' in step) return step.all === 'items' || !Array.isArray(value) ? Object.values(value) : [];
  if (Array.isArray(value)) return 'index' in step && step.index < value.length ? [value[step.index]] : [];
  return 'name' in step && Object.hasOwn(value, step.name) ? [Reflect.get(value, step.name)] : [];
}

// Newtonsoft.Json turns such strings into dates while it reads, and a date is no value that a condition knows.
const dateLike =
  /^(?:\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,7})?(?:Z|[+-]\d\d(?::?\d\d)?)?|\/Date\([+-]?\d+(?:[+-]\d{4})?\)\/)$/;

function scalar(value: unknown): Value {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  return typeof value === 'string' && !dateLike.test(value) ? value : undefined;
}

function parsedBody(message: RoutableMessage): object | undefined {
  if (!parsed.has(message)) parsed.set(message, parseBody(message));
  return parsed.get(message);
}

function parseBody(message: RoutableMessage): object | undefined {
  if (systemProperty(message, 'contentType')?.toLowerCase() !== 'application/json') return undefined;
  const text = decode(message.body, systemProperty(message, 'contentEncoding')?.toLowerCase());
  if (text === undefined) return undefined;
  try {
    // The common case, and much faster. Its depth is not bounded, which no condition can tell.
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return parseLenientObject(text);
  }
}

function decode(body: Buffer, encoding: string | undefined): string | undefined {
  switch (encoding) {
    case 'utf-8':
      return body.toString('utf8');
    case 'utf-16':
      return body.toString('utf16le');
    case 'utf-32': {
      let text = '';
      for (let offset = 0; offset + 4 <= body.length; offset += 4) {
        const code = body.readUInt32LE(offset);
        if (code > 0x10ffff) return undefined;
        text += String.fromCodePoint(code);
      }
      return text;
    }
    default:
      return undefined;
  }
}
