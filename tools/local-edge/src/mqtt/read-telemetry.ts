import { randomUUID } from 'node:crypto';
import type { EdgeMessage, Identity } from './edge-message.ts';
import { parsePropertyBag } from './property-bag.ts';
import { systemPropertyName } from './system-properties.ts';

/** Makes a message of a publish: the property bag of its topic is split into system and application properties. */
export function readTelemetry(
  sender: Identity,
  bag: string,
  packet: { readonly payload: Buffer; readonly retain: boolean; readonly dup: boolean },
  now: Date = new Date(),
): EdgeMessage {
  const properties = new Map<string, string>();
  const systemProperties = new Map<string, string>();
  for (const [key, value] of parsePropertyBag(bag)) {
    const name = systemPropertyName(key);
    if (name === undefined) properties.set(key, value);
    else systemProperties.set(name, value);
  }
  if (packet.retain) properties.set('mqtt-retain', 'true');
  if (packet.dup) properties.set('mqtt-dup', 'true');
  systemProperties.set('connectionDeviceId', sender.deviceId);
  if (sender.moduleId !== undefined) systemProperties.set('connectionModuleId', sender.moduleId);
  systemProperties.set('edgeMessageId', randomUUID());
  systemProperties.set('edgeHubOriginInterface', sender.moduleId === undefined ? 'downstream' : 'internal');
  systemProperties.set('enqueuedTime', now.toISOString());
  return { body: packet.payload, properties, systemProperties };
}

/** Body bytes plus characters of all property keys and values: what edgeHub holds against its limit of 262 144. */
export function messageSize({ body, properties, systemProperties }: EdgeMessage): number {
  let size = body.length;
  for (const [key, value] of properties) size += key.length + value.length;
  for (const [key, value] of systemProperties) size += key.length + value.length;
  return size;
}
