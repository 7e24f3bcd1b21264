import assert from 'node:assert/strict';
import { lengthOf } from '../testing/raw-mqtt.ts';
import { maxPacketBytes, PacketMeter } from './packet-limit.ts';

function packet(bytes: number): Buffer {
  const length = lengthOf(bytes);
  return Buffer.concat([Buffer.from([0x30]), length, Buffer.alloc(bytes, 0xff)]);
}

describe('PacketMeter', () => {
  it('follows packets however they are cut', () => {
    const stream = Buffer.concat([packet(0), packet(1), packet(127), packet(128), packet(20_000), packet(3)]);
    for (const step of [1, 2, 3, 7, 1000, stream.length]) {
      const meter = new PacketMeter();
      for (let at = 0; at < stream.length; at += step) assert.ok(meter.accept(stream.subarray(at, at + step)));
    }
  });

  it('takes a packet of just the limit and not one of a byte more', () => {
    assert.equal(new PacketMeter().accept(packet(maxPacketBytes - 4)), true);
    assert.equal(new PacketMeter().accept(packet(maxPacketBytes - 3)), false);
  });

  it('knows from the header alone that a packet is too big', () => {
    assert.equal(new PacketMeter().accept(Buffer.from([0x30, 0xff, 0xff, 0x7f])), false);
  });

  it('refuses a length of more than four bytes', () => {
    assert.equal(new PacketMeter().accept(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff])), false);
  });
});
