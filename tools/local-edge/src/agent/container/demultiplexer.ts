const headerBytes = 8;
const stderrType = 2;

/**
 * Takes apart the stream in which an engine mixes the two outputs of a container without a terminal: frames of a type byte, three zeros, the
 * length as a 32-bit big-endian number, and the bytes. Frames may come in any pieces.
 */
export class Demultiplexer {
  readonly #onBytes: (stream: 'stdout' | 'stderr', bytes: Buffer) => void;
  #header = Buffer.alloc(0);
  #stream: 'stdout' | 'stderr' = 'stdout';
  #left = 0;

  constructor(onBytes: (stream: 'stdout' | 'stderr', bytes: Buffer) => void) {
    this.#onBytes = onBytes;
  }

  write(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const bytes = chunk.subarray(at, at + this.#left);
        this.#left -= bytes.length;
        at += bytes.length;
        this.#onBytes(this.#stream, bytes);
        continue;
      }
      const part = chunk.subarray(at, at + headerBytes - this.#header.length);
      at += part.length;
      this.#header = Buffer.concat([this.#header, part]);
      if (this.#header.length < headerBytes) return;
      this.#stream = this.#header[0] === stderrType ? 'stderr' : 'stdout';
      this.#left = this.#header.readUInt32BE(4);
      this.#header = Buffer.alloc(0);
    }
  }
}
