import type { EdgeMessage } from '../mqtt/edge-message.ts';

/** How a message lies in a table. */
export interface MessageColumns {
  readonly properties: string;
  readonly systemProperties: string;
  readonly body: Buffer;
}

/** Property maps become JSON arrays of pairs: their order matters, and names like `__proto__` or `1` are ordinary. */
export function toColumns(message: EdgeMessage): MessageColumns {
  return {
    properties: JSON.stringify([...message.properties]),
    systemProperties: JSON.stringify([...message.systemProperties]),
    body: message.body,
  };
}

/** The message of a row as `toColumns` wrote it. */
export function fromColumns(properties: unknown, systemProperties: unknown, body: unknown): EdgeMessage {
  return {
    properties: pairs(properties),
    systemProperties: pairs(systemProperties),
    body: body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : Buffer.alloc(0),
  };
}

function pairs(text: unknown): Map<string, string> {
  const map = new Map<string, string>();
  const parsed: unknown = JSON.parse(String(text));
  if (!Array.isArray(parsed)) return map;
  for (const pair of parsed) if (Array.isArray(pair)) map.set(String(pair[0]), String(pair[1]));
  return map;
}
