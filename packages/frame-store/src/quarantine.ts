import { open, readdir, readFile, rename, stat, statfs } from 'node:fs/promises';
import { TransientError } from '@edgeveil/contracts';
import { z } from 'zod';
import { DirectorySync } from './directory-sync.ts';
import type { Keyring } from './keyring.ts';
import { sealItem, sealStart } from './seal-item.ts';
import { orAbsent } from './store-error.ts';
import type { StoreLayout } from './store-layout.ts';
import { type TemporaryFiles, writeFully } from './temporary-files.ts';

const reasonSchema = z.object({
  /** Stable code of why, as in docs/errors.md. */
  code: z.string(),
  message: z.string(),
  /** RFC 3339. */
  at: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
});
/** Why an item was set aside. In clear beside the sealed item: never put pixels or keys into it. */
export type QuarantineReason = z.infer<typeof reasonSchema>;

/** What is set aside that never was an item: bytes at hand, or a file too large to be read into memory. */
export type ForeignContent =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'file'; readonly path: string };

export interface QuarantineParts {
  readonly layout: StoreLayout;
  readonly temporary: TemporaryFiles;
  readonly keyring: Keyring;
}

const COPY_CHUNK_BYTES = 1024 * 1024;
/** What a copy of a large file leaves free for everybody else. */
const SPARE_BYTES = 256 * 1024 * 1024;

/** Items that can never be processed, sealed as they were, each with its reason in clear beside it. */
export class Quarantine {
  readonly #parts: QuarantineParts;
  readonly #directory: DirectorySync;

  constructor(parts: QuarantineParts) {
    this.#parts = parts;
    this.#directory = new DirectorySync(parts.layout.quarantine);
  }

  /** The reason is written first: a process killed in between leaves the item where it was, to be set aside again. */
  async moveItem(id: string, reason: QuarantineReason): Promise<void> {
    const { layout } = this.#parts;
    if ((await orAbsent(stat(layout.item(id)))) === undefined) {
      return;
    }
    await this.#writeReason(id, reason);
    await orAbsent(rename(layout.item(id), layout.quarantined(id)));
    await this.#directory.request();
  }

  /** A large file is refused before it fills up the disk that the other stores live on. */
  async #requireSpace(bytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.#parts.layout.quarantine);
    if (bavail * bsize < bytes + SPARE_BYTES) {
      throw new TransientError('STORE_DISK_FULL', `no space left for ${bytes} bytes in quarantine`, {
        details: { bytes, free: bavail * bsize },
      });
    }
  }

  async putForeign(id: string, meta: unknown, content: ForeignContent, reason: QuarantineReason): Promise<void> {
    await this.#writeReason(id, reason);
    const target = this.#parts.layout.quarantined(id);
    const { temporary, keyring } = this.#parts;
    await temporary.writeTo(
      target,
      async (file) => {
        if (content.kind === 'bytes') {
          await writeFully(file, sealItem({ id, meta, payload: content.bytes }, keyring));
          return;
        }
        const source = await open(content.path, 'r');
        try {
          const { size } = await source.stat();
          await this.#requireSpace(size);
          const { head, cipher } = sealStart(id, meta, size, keyring);
          await writeFully(file, [head]);
          const chunk = Buffer.allocUnsafe(COPY_CHUNK_BYTES);
          let copied = 0;
          for (let read = -1; read !== 0; copied += read) {
            read = (await source.read(chunk, 0, chunk.length, copied)).bytesRead;
            await writeFully(file, [cipher.update(chunk.subarray(0, read))]);
          }
          if (copied !== size) {
            throw new TransientError('STORE_FILE_CHANGED', `${content.path} changed while it was copied`);
          }
          await writeFully(file, [cipher.final(), cipher.getAuthTag()]);
        } finally {
          await source.close();
        }
      },
      { durable: true },
    );
    await this.#directory.request();
  }

  /** In order of id. What has an item but no readable reason is listed with code STORE_REASON_MISSING. */
  async *list(): AsyncGenerator<{ id: string; reason: QuarantineReason }> {
    const names = (await readdir(this.#parts.layout.quarantine)).filter((name) => name.endsWith('.item')).sort();
    for (const name of names) {
      const id = name.slice(0, -'.item'.length);
      const text = await orAbsent(readFile(this.#parts.layout.reason(id), 'utf8'));
      yield { id, reason: parseReason(text) };
    }
  }

  async #writeReason(id: string, reason: QuarantineReason): Promise<void> {
    const text = `${JSON.stringify(reason, undefined, 2)}\n`;
    await this.#parts.temporary.writeTo(
      this.#parts.layout.reason(id),
      (file) => writeFully(file, [Buffer.from(text, 'utf8')]),
      { durable: true },
    );
  }
}

function parseReason(text: string | undefined): QuarantineReason {
  const missing = { code: 'STORE_REASON_MISSING', message: 'the reason file is missing or damaged', at: '' };
  try {
    return reasonSchema.safeParse(JSON.parse(text ?? '')).data ?? missing;
  } catch {
    return missing;
  }
}
