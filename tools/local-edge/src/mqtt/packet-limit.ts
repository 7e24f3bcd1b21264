import type { Duplex } from 'node:stream';

/** edgeHub's decoder gives up on a bigger packet. */
export const maxPacketBytes = 262_144;

/**
 * Follows the packets in a stream of MQTT bytes by their headers alone and tells when one is bigger than allowed, before it has been
 * collected. Without it a client could make the hub hold a quarter of a gigabyte.
 */
export class PacketMeter {
  /** Bytes of the current packet that are still to come. */
  #remaining = 0;
  #length = 0;
  #lengthBytes = -1;

  /** False as soon as a header announces a packet that is too big or a length that is no MQTT length. */
  accept(chunk: Buffer): boolean {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#remaining > 0) {
        const skipped = Math.min(this.#remaining, chunk.length - offset);
        this.#remaining -= skipped;
        offset += skipped;
        continue;
      }
      const byte = chunk[offset] ?? 0;
      offset += 1;
      if (!this.#header(byte)) return false;
    }
    return true;
  }

  #header(byte: number): boolean {
    if (this.#lengthBytes < 0) {
      this.#lengthBytes = 0;
      this.#length = 0;
      return true;
    }
    this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes;
    this.#lengthBytes += 1;
    if ((byte & 0x80) !== 0) return this.#lengthBytes < 4;
    this.#remaining = this.#length;
    const headerBytes = 1 + this.#lengthBytes;
    this.#lengthBytes = -1;
    return headerBytes + this.#length <= maxPacketBytes;
  }
}

/**
 * Destroys the connection when a packet on it is bigger than edgeHub takes. aedes reads its connection through `read()` alone, so that
 * is where every inbound byte passes; a stream in between would cost a copy and a tick for each chunk.
 */
export function limitPacketSize(connection: Duplex, onTooBig: () => void): void {
  const meter = new PacketMeter();
  const read = connection.read.bind(connection);
  connection.read = (size?: number) => {
    const chunk: unknown = read(size);
    if (!Buffer.isBuffer(chunk) || meter.accept(chunk)) return chunk;
    onTooBig();
    connection.destroy();
    return null;
  };
}
