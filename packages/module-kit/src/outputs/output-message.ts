import { ENDPOINTS, type EndpointName, MESSAGE_SCHEMA_VERSION } from '@edgeveil/contracts';
import type { OutputMessage } from '../hub/hub-client.ts';

/** An item that is ready to travel. */
export interface PackedItem {
  readonly json: string;
  readonly bytes: number;
  /** The source that it speaks of, where it does. */
  readonly source: string | undefined;
}

export function packItem(item: unknown): PackedItem {
  const json = JSON.stringify(item);
  return { json, bytes: Buffer.byteLength(json), source: sourceOf(item) };
}

/** Bytes of a message beside its items; each item takes one more for its comma. */
export function envelopeBytes(name: EndpointName): number {
  return Buffer.byteLength(`{"${ENDPOINTS[name].items}":[]}`);
}

/** The one message that carries these items. */
export function packMessage(name: EndpointName, items: readonly PackedItem[]): OutputMessage {
  const endpoint = ENDPOINTS[name];
  const sources = new Set(items.map((item) => item.source));
  const [only] = sources;
  return {
    body: Buffer.from(`{"${endpoint.items}":[${items.map((item) => item.json).join(',')}]}`),
    properties: {
      type: endpoint.type,
      schemaVersion: MESSAGE_SCHEMA_VERSION,
      source: sources.size === 1 && only !== undefined ? only : '*',
    },
  };
}

/** Most items name their source; detections name it through their frame. */
function sourceOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  if ('source' in item && typeof item.source === 'string') return item.source;
  return 'frame' in item ? sourceOf(item.frame) : undefined;
}
