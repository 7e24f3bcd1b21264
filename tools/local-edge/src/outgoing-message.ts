import { randomUUID } from 'node:crypto';
import { RejectedError } from '@edgeveil/contracts';
import type { OutgoingMessage } from './local-edge.ts';
import type { EdgeMessage } from './mqtt/edge-message.ts';
import { maxPacketBytes } from './mqtt/packet-limit.ts';
import { messageSize } from './mqtt/read-telemetry.ts';

/** The message that a module would have sent. @throws RejectedError EDGE_MESSAGE_TOO_LARGE as the hub itself says it */
export function toEdgeMessage(
  { body, properties, systemProperties }: OutgoingMessage,
  sender: { readonly deviceId: string; readonly moduleId: string | undefined; readonly output?: string | undefined },
): EdgeMessage {
  const isPlain = typeof body === 'string' || Buffer.isBuffer(body);
  const system = new Map<string, string>();
  if (!isPlain) system.set('contentType', 'application/json').set('contentEncoding', 'utf-8');
  for (const [name, value] of Object.entries(systemProperties ?? {})) system.set(name, value);
  system.set('connectionDeviceId', sender.deviceId);
  if (sender.moduleId !== undefined) system.set('connectionModuleId', sender.moduleId);
  if (sender.output !== undefined) system.set('outputName', sender.output);
  system.set('edgeMessageId', randomUUID());
  const message = {
    body: Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    properties: new Map(Object.entries(properties ?? {})),
    systemProperties: system,
  };
  const size = messageSize(message);
  if (size > maxPacketBytes) {
    throw new RejectedError('EDGE_MESSAGE_TOO_LARGE', `${size} bytes are more than ${maxPacketBytes}`);
  }
  return message;
}
