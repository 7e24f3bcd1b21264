import { EdgeveilError } from '@edgeveil/contracts';

const MAX_CAUSES = 8;

/** An error as a log line shows it: name, code, message, details and causes; the stack only where it is asked for. */
export function describeError(error: unknown, options: { readonly stack?: boolean } = {}, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === 'object' && error !== null ? error : String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const details = error instanceof EdgeveilError && Object.keys(error.details).length > 0 ? error.details : undefined;
  const causes = [
    ...(error.cause === undefined ? [] : [error.cause]),
    ...(error instanceof AggregateError ? error.errors : []),
  ];
  return {
    name: error.name,
    code,
    message: error.message,
    details,
    stack: options.stack === true && depth === 0 ? error.stack : undefined,
    causes:
      causes.length === 0 || depth >= MAX_CAUSES
        ? undefined
        : causes.map((cause) => describeError(cause, {}, depth + 1)),
  };
}

/** JSON of log data on one line; never throws. Errors, big integers, maps, sets and circles are shown, long binary is not. */
export function logValue(data: unknown): string {
  const parents: object[] = [];
  try {
    const text = JSON.stringify(data, function (this: unknown, key, value: unknown) {
      // A Buffer has turned itself into an array of numbers by now.
      const original: unknown = typeof this === 'object' && this !== null ? Reflect.get(this, key) : value;
      if (ArrayBuffer.isView(original)) return `[${original.byteLength} bytes]`;
      if (value instanceof Error) return describeError(value);
      if (typeof value === 'bigint') return value.toString();
      if (value instanceof Map) return Object.fromEntries(value);
      if (value instanceof Set) return [...value];
      if (typeof value === 'object' && value !== null) {
        while (parents.length > 0 && parents.at(-1) !== this) parents.pop();
        if (parents.includes(value)) return '[circular]';
        parents.push(value);
      }
      return value;
    });
    return text ?? '{}';
  } catch (error) {
    return JSON.stringify({ unloggable: error instanceof Error ? error.message : String(error) });
  }
}
