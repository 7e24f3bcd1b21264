import { randomUUID } from 'node:crypto';
import type { OutgoingMessage } from './local-edge.ts';
import type { EdgeMessage } from './mqtt/edge-message.ts';

/** The message that a module would have sent. */
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
  return {
    body: Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    properties: new Map(Object.entries(properties ?? {})),
    systemProperties: system,
  };
}
