/** The bytes of a PUBLISH at QoS 1, in one piece: one write, one TLS record. */
export function publishPacket(topic: string, payload: Buffer, messageId: number): Buffer {
  const topicBytes = Buffer.byteLength(topic);
  const remaining = 2 + topicBytes + 2 + payload.length;
  const lengthBytes = remaining < 128 ? 1 : remaining < 16_384 ? 2 : remaining < 2_097_152 ? 3 : 4;
  const packet = Buffer.allocUnsafe(1 + lengthBytes + remaining);
  packet[0] = 0x32;
  let at = 1;
  for (let rest = remaining; at <= lengthBytes; at += 1) {
    packet[at] = at < lengthBytes ? (rest & 0x7f) | 0x80 : rest;
    rest >>= 7;
  }
  at = packet.writeUInt16BE(topicBytes, at);
  at += packet.write(topic, at);
  at = packet.writeUInt16BE(messageId, at);
  payload.copy(packet, at);
  return packet;
}
