import type { EdgeMessage } from './edge-message.ts';
import { formatPropertyBag } from './property-bag.ts';
import { sentOnProperties } from './system-properties.ts';

/**
 * The topic of an input message (MessageAddressConverter.cs). `$.cdid` and `$.cmid` name the sender and are always there: without
 * anything behind the input's name the Node SDK would acknowledge the message and drop it. A message that was piped on may
 * carry them as application properties already; those are overwritten in place.
 */
export function inputTopic(deviceId: string, moduleId: string, input: string, message: EdgeMessage): string {
  const { systemProperties } = message;
  const sender = new Map([
    ['$.cdid', systemProperties.get('rpSenderDeviceId') ?? systemProperties.get('connectionDeviceId') ?? deviceId],
  ]);
  const module = systemProperties.get('rpSenderModuleId') ?? systemProperties.get('connectionModuleId');
  if (module !== undefined) sender.set('$.cmid', module);
  const bag = new Map(message.properties);
  if (module === undefined) bag.delete('$.cmid');
  for (const [key, value] of sentOnProperties(systemProperties)) bag.set(key, value);
  for (const [key, value] of sender) bag.set(key, value);
  return `devices/${deviceId}/modules/${moduleId}/inputs/${input}/${formatPropertyBag(bag)}`;
}
