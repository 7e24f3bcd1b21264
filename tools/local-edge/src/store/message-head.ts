import type { EdgeMessage } from '../mqtt/edge-message.ts';

/** The properties of a message as one text. Maps become arrays of pairs: their order matters, and names like `__proto__` or `1` are ordinary. */
export function toHead(message: Pick<EdgeMessage, 'properties' | 'systemProperties'>): string {
  return JSON.stringify([[...message.properties], [...message.systemProperties]]);
}

/** The properties as `toHead` wrote them. */
export function fromHead(head: string): Pick<EdgeMessage, 'properties' | 'systemProperties'> {
  const parsed: unknown = JSON.parse(head);
  const [properties, systemProperties] = Array.isArray(parsed) ? parsed : [];
  return { properties: pairs(properties), systemProperties: pairs(systemProperties) };
}

/** The bytes of a BLOB. */
export function toBody(blob: unknown): Buffer {
  return blob instanceof Uint8Array ? Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength) : Buffer.alloc(0);
}

function pairs(parsed: unknown): Map<string, string> {
  const map = new Map<string, string>();
  if (!Array.isArray(parsed)) return map;
  for (const pair of parsed) if (Array.isArray(pair)) map.set(String(pair[0]), String(pair[1]));
  return map;
}
