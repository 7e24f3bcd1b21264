import { write } from 'node:fs';
import { formatLogLine } from './log-line.ts';

const DEFAULT_MAX_BUFFERED_BYTES = 1024 * 1024;
const EAGAIN_DELAY_MS = 10;

/**
 * Writes lines to a file descriptor without ever blocking: `process.stdout.write` does block on a pipe whose reader has
 * stalled, and with it the event loop. One write is under way at a time; what gathers shares the next. Beyond the bound new
 * lines are dropped and counted in a line of their own. When the reader is gone (EPIPE) lines are dropped for good.
 */
export class LineWriter {
  readonly #fd: number;
  readonly #maxBufferedBytes: number;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isWriting = false;
  #isBroken = false;
  #dropped = 0;
  #idleWaiters: (() => void)[] = [];

  constructor(fd: number, options: { readonly maxBufferedBytes?: number } = {}) {
    this.#fd = fd;
    this.#maxBufferedBytes = options.maxBufferedBytes ?? DEFAULT_MAX_BUFFERED_BYTES;
  }

  readonly write = (line: string): void => {
    if (this.#isBroken) return;
    const bytes = Buffer.from(line);
    if (this.#waitingBytes + bytes.byteLength > this.#maxBufferedBytes) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.byteLength;
    if (!this.#isWriting) this.#writeNext();
  };

  /** Resolves when everything has been written or dropped. */
  flush(): Promise<void> {
    if (!this.#isWriting) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  #writeNext(): void {
    if (this.#waiting.length === 0) {
      this.#isWriting = false;
      for (const resolve of this.#idleWaiters.splice(0)) resolve();
      return;
    }
    this.#isWriting = true;
    const chunk = Buffer.concat([...this.#waiting, ...this.#noteOfDropped()]);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#writeChunk(chunk);
  }

  #writeChunk(chunk: Buffer): void {
    write(this.#fd, chunk, 0, chunk.byteLength, null, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#writeChunk(chunk), EAGAIN_DELAY_MS);
      } else if (error !== null && error !== undefined) {
        this.#isBroken = true;
        this.#waiting = [];
        this.#writeNext();
      } else if (written < chunk.byteLength) {
        this.#writeChunk(chunk.subarray(written));
      } else {
        this.#writeNext();
      }
    });
  }

  /** What was dropped came after all that waits. */
  #noteOfDropped(): readonly Buffer[] {
    if (this.#dropped === 0) return [];
    const line = formatLogLine({
      level: 'warn',
      at: new Date(),
      scope: 'log',
      message: 'log lines dropped',
      data: { lines: this.#dropped },
    });
    this.#dropped = 0;
    return [Buffer.from(line)];
  }
}
