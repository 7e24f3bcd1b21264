import { EventEmitter } from 'node:events';

/**
 * Lowers what a client asks for in SUBSCRIBE to QoS 1, which is what edgeHub grants at most. aedes grants what was asked for and looks at the packet
 * before any of its hooks is called, so the packet is changed as it comes from the parser.
 */
export function limitGrantedQos(client: object): void {
  const parser: unknown = '_parser' in client ? client._parser : undefined;
  if (!(parser instanceof EventEmitter)) return;
  parser.prependListener('packet', (packet: { cmd?: string; subscriptions?: { qos: number }[] }) => {
    if (packet.cmd !== 'subscribe') return;
    for (const subscription of packet.subscriptions ?? []) subscription.qos = Math.min(subscription.qos, 1);
  });
}
