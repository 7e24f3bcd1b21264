import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { DesiredDocument } from '../hub/hub-client.ts';
import type { Log } from '../log.ts';
import { writeFileDurably } from '../write-file-durably.ts';

const documentSchema = z.object({ version: z.number(), desired: z.record(z.string(), z.unknown()) });

/** Keeps the last good desired properties on disk, so that a module starts with no hub in reach. */
export class TwinFile {
  readonly #path: string;
  readonly #log: Log;

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  /** Undefined when there is none, or none that can be read (logged). */
  async load(): Promise<DesiredDocument | undefined> {
    try {
      return documentSchema.parse(JSON.parse(await readFile(this.#path, 'utf8')));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      this.#log.warn('last good twin unreadable', { path: this.#path, error });
      return undefined;
    }
  }

  /** A failure is only logged: the twin is in force, it would just not outlive a restart without a hub. */
  async save(document: DesiredDocument): Promise<void> {
    try {
      await writeFileDurably(this.#path, `${JSON.stringify(document)}\n`);
    } catch (error) {
      this.#log.warn('last good twin not kept', { path: this.#path, error });
    }
  }
}
