import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RawMqtt, RawPacket } from './raw-mqtt.ts';

/** The input and the text of a message that has come to a module. */
export interface Arrival {
  readonly input: string;
  readonly text: string;
}

/** Publishes from output `o`, with a bounded number under way. Resolves when all are acknowledged or the connection has ended. For tests. */
export async function sendAll(
  client: RawMqtt,
  module: string,
  bodies: readonly (string | Buffer)[],
  options: { readonly window?: number; readonly onAcknowledged?: (index: number) => void } = {},
): Promise<void> {
  const { window = 64, onAcknowledged } = options;
  const topic = `devices/edge/modules/${module}/messages/events/%24.on=o/`;
  let [sent, acknowledged] = [0, 0];
  while (acknowledged < bodies.length && !client.socket.destroyed) {
    while (sent < bodies.length && sent - acknowledged < window) {
      client.publish(topic, bodies[sent] ?? '', (sent % 65_535) + 1);
      sent += 1;
    }
    const packet = await client.next(4).catch(() => undefined);
    if (packet === undefined) return;
    // They come in the order of the messages.
    if (packet.body.readUInt16BE(0) !== (acknowledged % 65_535) + 1) throw new RangeError('PUBACK out of order');
    onAcknowledged?.(acknowledged);
    acknowledged += 1;
  }
}

/** Acknowledges and notes whatever comes, until the connection ends. For tests. */
export async function receiveAll(client: RawMqtt, onArrival: (arrival: Arrival) => void): Promise<void> {
  for (;;) {
    const packet = await client.next(3).catch(() => undefined);
    if (packet === undefined) return;
    onArrival(arrivalOf(packet));
    client.acknowledge(packet);
  }
}

function arrivalOf(publish: RawPacket): Arrival {
  const length = publish.body.readUInt16BE(0);
  const topic = publish.body.toString('utf8', 2, 2 + length);
  return { input: topic.split('/')[5] ?? '', text: publish.body.toString('utf8', 2 + length + 2) };
}

/** Waits until something holds that no event tells of. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await nextTurn();
}
