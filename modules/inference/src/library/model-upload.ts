import { RejectedError } from '@edgeveil/contracts';
import { modelJsonSchema, wholePackage } from '@edgeveil/vision';
import { z } from 'zod';
import type { LocatedModel } from '../locate-model.ts';
import type { IncomingModels } from './incoming-models.ts';

/** A direct method takes 128 KB; base64 and the JSON around it take a third and a little. */
const MAX_PART_BYTES = 90 * 1024;
const MAX_UPLOADS = 4;

export const uploadBeginSchema = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().positive(),
  /** What `model.json` would say, or a part of it; the rest is recognised from the file. */
  description: modelJsonSchema.optional(),
  /** Name and version of a model without description; its hash gives the version when there is none. */
  name: z.string().min(1).max(128).optional(),
  version: z.string().min(1).max(64).optional(),
});
export type UploadBegin = z.infer<typeof uploadBeginSchema>;

export const uploadPartSchema = z.strictObject({
  sha256: z.string(),
  /** Where the part begins. */
  offset: z.int().nonnegative(),
  /** In base64. */
  data: z.string().max(Math.ceil(MAX_PART_BYTES / 3) * 4),
});

/** A model that has arrived. */
export interface UploadedModel extends LocatedModel {
  readonly name: string | undefined;
  readonly version: string | undefined;
}

/** Models that come in parts through direct methods. A part that is sent twice does no harm; an upload may go on after a restart. */
export class ModelUploads {
  readonly #incoming: IncomingModels;
  readonly #maxBytes: () => number;
  readonly #begun = new Map<string, UploadBegin>();
  /** Parts of one upload are written one after the other, however they come. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(incoming: IncomingModels, maxBytes: () => number) {
    this.#incoming = incoming;
    this.#maxBytes = maxBytes;
  }

  /** Says how much is here already, and how large a part may be. RejectedError MODEL_FILE_TOO_LARGE, MODEL_UPLOADS_TOO_MANY. */
  async begin(upload: UploadBegin): Promise<{ readonly received: number; readonly maxPartBytes: number }> {
    const maxBytes = this.#maxBytes();
    if (upload.bytes > maxBytes) {
      throw new RejectedError('MODEL_FILE_TOO_LARGE', `${upload.bytes} bytes, ${maxBytes} are allowed`);
    }
    this.#begun.delete(upload.sha256);
    if (this.#begun.size >= MAX_UPLOADS) {
      throw new RejectedError('MODEL_UPLOADS_TOO_MANY', `${MAX_UPLOADS} uploads are under way; end one of them first`);
    }
    this.#begun.set(upload.sha256, upload);
    if ((await this.#incoming.received(upload.sha256)) > upload.bytes) {
      await this.#incoming.discard(upload.sha256);
    }
    return { received: await this.#incoming.received(upload.sha256), maxPartBytes: MAX_PART_BYTES };
  }

  /** Adds a part. RejectedError MODEL_UPLOAD_UNKNOWN, MODEL_PART_MISPLACED with what is expected. */
  async part(sha256: string, offset: number, data: Buffer): Promise<{ readonly received: number }> {
    const { bytes } = this.#known(sha256);
    const write = this.#writing.then(async () => {
      const received = await this.#incoming.received(sha256);
      if (offset > received || offset + data.length > bytes) {
        throw new RejectedError('MODEL_PART_MISPLACED', `expected a part at ${received} of ${bytes}, got ${offset}`, {
          details: { received, bytes },
        });
      }
      // What is here already of the part was sent before, and its answer got lost.
      await this.#incoming.append(sha256, data.subarray(received - offset));
      return { received: Math.max(received, offset + data.length) };
    });
    this.#writing = write.catch(() => undefined);
    return write;
  }

  /** Checks what has come. ConfigError MODEL_SHA256_MISMATCH; RejectedError MODEL_UPLOAD_UNKNOWN, MODEL_UPLOAD_INCOMPLETE. */
  async commit(sha256: string): Promise<UploadedModel> {
    const { bytes, description, name, version } = this.#known(sha256);
    await this.#writing;
    const received = await this.#incoming.received(sha256);
    if (received < bytes) {
      throw new RejectedError('MODEL_UPLOAD_INCOMPLETE', `${received} of ${bytes} bytes are here`, {
        details: { received, bytes },
      });
    }
    try {
      const modelFile = await this.#incoming.verify(sha256);
      const whole = description && wholePackage(description);
      return { modelFile, description: whole, ...(description && { known: description }), name, version };
    } finally {
      this.#begun.delete(sha256);
    }
  }

  async abort(sha256: string): Promise<void> {
    this.#begun.delete(sha256);
    await this.#incoming.discard(sha256);
  }

  #known(sha256: string): UploadBegin {
    const upload = this.#begun.get(sha256);
    if (upload === undefined) {
      throw new RejectedError(
        'MODEL_UPLOAD_UNKNOWN',
        'no such upload: it was not begun, was committed, or the module was restarted',
      );
    }
    return upload;
  }
}
