import { createWriteStream, mkdirSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

const maxFileBytes = 5_242_880;
// What the disk has not taken yet; beyond it lines go to the listeners only.
const maxBufferedBytes = 4_194_304;

/** A module's log file, bounded: when it is full it becomes `NAME.1.log`, in place of the one before. */
export class ModuleLog {
  readonly #dir: string;
  readonly #name: string;
  #stream: WriteStream | undefined;
  #bytes = 0;

  constructor(dir: string, name: string) {
    this.#dir = dir;
    this.#name = name;
  }

  get path(): string {
    return join(this.#dir, `${this.#name}.log`);
  }

  /** Never throws: a full disk costs the file its lines, not the runtime its life. */
  write(line: string): void {
    const stream = this.#tryOpen();
    if (stream === undefined || stream.writableLength > maxBufferedBytes) return;
    const text = `${line}\n`;
    stream.write(text);
    this.#bytes += Buffer.byteLength(text);
  }

  async close(): Promise<void> {
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream !== undefined) await new Promise<void>((resolve) => stream.end(() => resolve()));
  }

  #tryOpen(): WriteStream | undefined {
    try {
      return this.#open();
    } catch {
      return undefined;
    }
  }

  #open(): WriteStream {
    if (this.#stream !== undefined && this.#bytes < maxFileBytes) return this.#stream;
    if (this.#stream === undefined) {
      mkdirSync(this.#dir, { recursive: true });
      this.#bytes = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    }
    if (this.#bytes >= maxFileBytes) {
      this.#stream?.end();
      renameSync(this.path, join(this.#dir, `${this.#name}.1.log`));
      this.#bytes = 0;
    }
    this.#stream = createWriteStream(this.path, { flags: 'a', mode: 0o600 });
    this.#stream.on('error', () => {
      this.#stream = undefined;
    });
    return this.#stream;
  }
}
