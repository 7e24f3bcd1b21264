import type { BodyStep } from './body-path.ts';
import { systemProperty } from './message-properties.ts';
import type { RoutableMessage, Value } from './value.ts';

// Several conditions ask for the same message's body: parse it once. A message is never changed after it came in.
const parsed = new WeakMap<RoutableMessage, object | undefined>();

/**
 * The value at a path of the body. Objects, arrays and date-like strings are undefined, an absent path is null, and everything is
 * undefined when the body cannot be read: contentType must be application/json alone, contentEncoding utf-8, utf-16 or utf-32,
 * and the text a JSON object.
 */
export function bodyValue(message: RoutableMessage, steps: readonly BodyStep[]): Value {
  const found = find(message, steps);
  return found === absent ? null : scalar(found);
}

/** Whether the body can be read and has nothing at a path, which `bodyValue` cannot tell from a JSON null. */
export function isBodyPathAbsent(message: RoutableMessage, steps: readonly BodyStep[]): boolean {
  return find(message, steps) === absent;
}

const absent = Symbol('absent');

function find(message: RoutableMessage, steps: readonly BodyStep[]): unknown {
  let current: unknown = parsedBody(message);
  if (current === undefined) return undefined;
  for (const step of steps) {
    if (typeof current !== 'object' || current === null) return absent;
    if (typeof step === 'number' ? !Array.isArray(current) : Array.isArray(current)) return absent;
    if (!Object.hasOwn(current, step)) return absent;
    current = Reflect.get(current, step);
  }
  return current;
}

// Newtonsoft.Json turns such strings into dates while it reads, and a date is no value that a condition knows.
const dateLike =
  /^(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?|\/Date\([+-]?\d+(?:[+-]\d{4})?\)\/)$/;

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
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
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
