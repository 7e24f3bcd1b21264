import type { EdgeMessage } from './edge-message.ts';
import { formatPropertyBag } from './property-bag.ts';
import { sentOnProperties } from './system-properties.ts';

/** The topic of an input message up to its properties. */
export function inputTopic(deviceId: string, moduleId: string, input: string): string {
  return `devices/${deviceId}/modules/${moduleId}/inputs/${input}/`;
}

/**
 * The properties in the topic of an input message (MessageAddressConverter.cs). `$.cdid` and `$.cmid` name the sender and are always there: without
 * anything behind the input's name the Node SDK would acknowledge the message and drop it. A message that was piped on may
 * carry them as application properties already; those are overwritten in place.
 */
export function inputBag(deviceId: string, { properties, systemProperties }: EdgeMessage): string {
  const bag = new Map(properties);
  const module = systemProperties.get('rpSenderModuleId') ?? systemProperties.get('connectionModuleId');
  if (module === undefined) bag.delete('$.cmid');
  for (const [key, value] of sentOnProperties(systemProperties)) bag.set(key, value);
  bag.set('$.cdid', systemProperties.get('rpSenderDeviceId') ?? systemProperties.get('connectionDeviceId') ?? deviceId);
  if (module !== undefined) bag.set('$.cmid', module);
  return formatPropertyBag(bag);
}
