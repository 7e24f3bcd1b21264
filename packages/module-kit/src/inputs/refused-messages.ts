import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { InputMessage } from '../hub/hub-client.ts';
import type { Log } from '../log.ts';
import { writeFileDurably } from '../write-file-durably.ts';

const MAX_FILES = 100;
/** More than that at once is a flood, of which a sample is enough. */
const MAX_WAITING = 16;

/** Sets messages aside that could not be read: one JSON file each, the newest 100. For diagnosis, so a failure is only logged. */
export class RefusedMessages {
  readonly #dir: string;
  readonly #log: Log;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #count = 0;

  constructor(dir: string, log: Log) {
    this.#dir = dir;
    this.#log = log;
  }

  add(message: InputMessage, reason: string, details: unknown): void {
    if (this.#waiting >= MAX_WAITING) return;
    this.#waiting += 1;
    this.#last = this.#last.then(async () => {
      try {
        await this.#write(message, reason, details);
      } catch (error) {
        this.#log.warn('refused message not kept', { dir: this.#dir, error });
      }
      this.#waiting -= 1;
    });
  }

  async close(): Promise<void> {
    await this.#last;
  }

  async #write({ input, body, properties }: InputMessage, reason: string, details: unknown): Promise<void> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    const at = new Date().toISOString();
    const name = `${at.replaceAll(':', '')}-${String(this.#count++ % 1_000_000).padStart(6, '0')}.json`;
    const content = { at, input, reason, details, properties, body: body.toString('base64') };
    await writeFileDurably(join(this.#dir, name), `${JSON.stringify(content)}\n`);
    const names = (await readdir(this.#dir)).filter((file) => file.endsWith('.json')).sort();
    for (const old of names.slice(0, -MAX_FILES)) await rm(join(this.#dir, old), { force: true });
  }
}
