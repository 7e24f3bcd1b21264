import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

export interface RawPacket {
  /** The packet type: 2 CONNACK, 3 PUBLISH, 4 PUBACK, 9 SUBACK. */
  readonly type: number;
  readonly flags: number;
  readonly body: Buffer;
}

/** An MQTT client with no manners of its own: it sends what it is told to, and acknowledges nothing by itself. For tests. */
export class RawMqtt {
  readonly socket: TLSSocket;
  readonly #packets: RawPacket[] = [];
  #buffer = Buffer.alloc(0);
  #arrived = Promise.withResolvers<void>();

  constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('close', () => this.#arrived.resolve());
  }

  static async open(address: string, ca: string): Promise<RawMqtt> {
    const socket = connect({ host: address, port: 8883, ca });
    await once(socket, 'secureConnect');
    return new RawMqtt(socket);
  }

  /** Logs in and returns the CONNACK's return code. */
  async login(options: {
    clientId: string;
    username: string;
    password: string;
    clean?: boolean;
    keepAliveSecs?: number;
  }): Promise<number> {
    const flags = 0xc0 | (options.clean === true ? 2 : 0);
    const head = Buffer.from([0, 4, ...Buffer.from('MQTT'), 4, flags, 0, options.keepAliveSecs ?? 60]);
    const body = [head, text(options.clientId), text(options.username), text(options.password)];
    this.send(1, 0, Buffer.concat(body));
    return (await this.next(2)).body[1] ?? -1;
  }

  /** @returns the QoS that was granted */
  async subscribe(filter: string, qos = 1): Promise<number> {
    this.send(8, 2, Buffer.concat([Buffer.from([0, 1]), text(filter), Buffer.from([qos])]));
    return (await this.next(9)).body[2] ?? -1;
  }

  /** Publishes at QoS 1, or whatever the flags say; does not wait for the PUBACK. */
  publish(topic: string, payload: Buffer | string, messageId: number, flags = 2): void {
    const id = Buffer.from([messageId >> 8, messageId & 0xff]);
    this.send(3, flags, Buffer.concat([text(topic), id, Buffer.from(payload)]));
  }

  acknowledge(publish: RawPacket): void {
    const at = 2 + publish.body.readUInt16BE(0);
    this.send(4, 0, publish.body.subarray(at, at + 2));
  }

  send(type: number, flags: number, body: Buffer): void {
    this.socket.write(Buffer.concat([Buffer.from([(type << 4) | flags]), lengthOf(body.length), body]));
  }

  /** The next packet of a type; earlier ones of other types are dropped. Rejects when the connection ends before one came. */
  async next(type: number): Promise<RawPacket> {
    for (;;) {
      const packet = this.#packets.shift();
      if (packet?.type === type) return packet;
      if (packet !== undefined) continue;
      if (this.socket.destroyed) throw new RangeError('the connection has ended');
      this.#arrived = Promise.withResolvers();
      await this.#arrived.promise;
    }
  }

  /** Resolves when the other side has closed the connection. */
  async closed(): Promise<void> {
    if (!this.socket.destroyed) await once(this.socket, 'close');
  }

  #read(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      const [length, headerBytes] = parseLength(this.#buffer);
      if (headerBytes === 0 || this.#buffer.length < headerBytes + length) break;
      const first = this.#buffer[0] ?? 0;
      const body = this.#buffer.subarray(headerBytes, headerBytes + length);
      this.#packets.push({ type: first >> 4, flags: first & 15, body });
      this.#buffer = this.#buffer.subarray(headerBytes + length);
    }
    this.#arrived.resolve();
  }
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

/** An MQTT length: seven bits a byte, the lowest first. */
export function lengthOf(length: number): Buffer {
  const bytes: number[] = [];
  let rest = length;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return Buffer.from(bytes);
}

function parseLength(buffer: Buffer): [length: number, headerBytes: number] {
  let length = 0;
  for (let index = 1; index < Math.min(buffer.length, 5); index += 1) {
    const byte = buffer[index] ?? 0;
    length += (byte & 0x7f) * 128 ** (index - 1);
    if ((byte & 0x80) === 0) return [length, index + 1];
  }
  return [0, 0];
}
