import { createWriteStream, mkdirSync, openSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatLogRecord, type LogRecord, parseLogRecord } from './log-record.ts';

const defaultMaxFileBytes = 5_242_880;
// What the disk has not taken yet; beyond it lines go to the listeners only.
const maxBufferedBytes = 4_194_304;

/**
 * A module's log file: one record to a line, with time and stream. Bounded: when it is full it becomes `NAME.1.log`, in place of the one before.
 */
export class ModuleLog {
  readonly #dir: string;
  readonly #name: string;
  readonly #maxFileBytes: number;
  #stream: WriteStream | undefined;
  // Of the file before, which is full.
  #ending: Promise<void> = Promise.resolve();
  #bytes = 0;

  constructor(dir: string, name: string, maxFileBytes = defaultMaxFileBytes) {
    this.#dir = dir;
    this.#name = name;
    this.#maxFileBytes = maxFileBytes;
  }

  get path(): string {
    return join(this.#dir, `${this.#name}.log`);
  }

  /** Never throws: a full disk costs the file its lines, not the runtime its life. */
  write(record: LogRecord): void {
    const stream = this.#tryOpen();
    if (stream === undefined || stream.writableLength > maxBufferedBytes) return;
    const text = `${formatLogRecord(record)}\n`;
    stream.write(text);
    this.#bytes += Buffer.byteLength(text);
  }

  /** All records that are kept, the oldest first, those just written included. A log that does not exist is empty. */
  async read(): Promise<LogRecord[]> {
    await this.#flush();
    const texts = await Promise.all([this.#olderPath, this.path].map((path) => readFile(path, 'utf8').catch(() => '')));
    return texts.flatMap((text) => text.split('\n')).flatMap((line) => parseLogRecord(line) ?? []);
  }

  async close(): Promise<void> {
    const stream = this.#stream;
    this.#stream = undefined;
    await Promise.all([this.#ending, stream === undefined ? undefined : ended(stream)]);
  }

  get #olderPath(): string {
    return join(this.#dir, `${this.#name}.1.log`);
  }

  async #flush(): Promise<void> {
    const stream = this.#stream;
    await this.#ending;
    if (stream !== undefined) await new Promise<void>((resolve) => stream.write('', () => resolve()));
  }

  #tryOpen(): WriteStream | undefined {
    try {
      return this.#open();
    } catch {
      return undefined;
    }
  }

  #open(): WriteStream {
    if (this.#stream !== undefined && this.#bytes < this.#maxFileBytes) return this.#stream;
    if (this.#stream === undefined) {
      mkdirSync(this.#dir, { recursive: true });
      this.#bytes = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    }
    if (this.#bytes >= this.#maxFileBytes) {
      renameSync(this.path, this.#olderPath);
      if (this.#stream !== undefined)
        this.#ending = Promise.all([this.#ending, ended(this.#stream)]).then(() => undefined);
      this.#bytes = 0;
    }
    // Opened now, not when the stream gets to it: the file must be there when it is its turn to be renamed.
    const stream = createWriteStream(this.path, { fd: openSync(this.path, 'a', 0o600) });
    stream.on('error', () => {
      if (this.#stream === stream) this.#stream = undefined;
    });
    this.#stream = stream;
    return stream;
  }
}

function ended(stream: WriteStream): Promise<void> {
  return new Promise((resolve) => {
    // One that a full disk has ended already closes without a callback.
    stream.once('close', () => resolve());
    if (stream.closed) resolve();
    else stream.end();
  });
}
