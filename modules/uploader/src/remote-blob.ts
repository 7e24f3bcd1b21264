import { createHash } from 'node:crypto';
import { type BlobGetPropertiesResponse, type BlockBlobClient, RestError } from '@azure/storage-blob';
import { TransientError } from '@edgeveil/contracts';
import { callTimeoutMs, storageCall } from './storage-call.ts';

export interface RemoteBlobOptions {
  readonly client: BlockBlobClient;
  readonly content: Buffer;
  readonly contentType: string;
  readonly metadata: Record<string, string>;
  /** Aborts every call under way. */
  readonly signal: AbortSignal;
  /** How long a call without a body may take. */
  readonly baseTimeoutMs: number;
}

/** One block blob as it ought to be in the cloud. Errors are those of `storageCall`. */
export class RemoteBlob {
  readonly #options: RemoteBlobOptions;
  readonly #md5: Buffer;

  constructor(options: RemoteBlobOptions) {
    this.#options = options;
    this.#md5 = createHash('md5').update(options.content).digest();
  }

  get name(): string {
    return this.#options.client.name;
  }

  get bytes(): number {
    return this.#options.content.length;
  }

  /**
   * Makes the cloud hold it. At the first attempt it is written on the condition that its name is free, which saves the round
   * trip of a look. At a later one, or when the name is taken, what is there is compared first: the same content stays.
   * @returns whether it was written, and so is still to be verified.
   */
  async place(attempt: number): Promise<boolean> {
    if (attempt === 1 && (await this.#writeIfNew())) return true;
    if (await this.#isThere()) return false;
    await this.#write();
    return true;
  }

  /** @throws TransientError `UPLOAD_NOT_VERIFIED` when the cloud does not hold exactly these bytes. */
  async verify(): Promise<void> {
    const properties = await this.#properties();
    if (properties === undefined || !this.#matches(properties)) {
      throw new TransientError('UPLOAD_NOT_VERIFIED', `the cloud does not hold what was sent as ${this.name}`, {
        details: { blob: this.name, bytes: this.bytes, found: properties?.contentLength },
      });
    }
  }

  async #writeIfNew(): Promise<boolean> {
    return this.#call(this.bytes, async (abortSignal) => {
      try {
        await this.#upload(abortSignal, { ifNoneMatch: '*' });
        return true;
      } catch (error) {
        if (error instanceof RestError && isNameTaken(error)) return false;
        throw error;
      }
    });
  }

  async #write(): Promise<void> {
    await this.#call(this.bytes, (abortSignal) => this.#upload(abortSignal, {}));
  }

  async #upload(abortSignal: AbortSignal, conditions: { ifNoneMatch?: string }): Promise<void> {
    const { client, content, contentType, metadata } = this.#options;
    const answer = await client.upload(content, content.length, {
      abortSignal,
      conditions,
      metadata,
      // Put Blob checks what arrived against it and keeps it as the blob's Content-MD5
      blobHTTPHeaders: { blobContentType: contentType, blobContentMD5: this.#md5 },
    });
    if (answer.contentMD5 !== undefined && !this.#md5.equals(answer.contentMD5)) {
      throw new TransientError('UPLOAD_NOT_VERIFIED', `the cloud took in other bytes than were sent as ${this.name}`, {
        details: { blob: this.name, bytes: this.bytes },
      });
    }
  }

  /** Whether the same content is there already; brings its metadata up to date, for the same picture may have another receipt. */
  async #isThere(): Promise<boolean> {
    const properties = await this.#properties();
    if (properties === undefined || !this.#matches(properties)) return false;
    if (!sameMetadata(properties.metadata ?? {}, this.#options.metadata)) {
      await this.#call(0, (abortSignal) => this.#options.client.setMetadata(this.#options.metadata, { abortSignal }));
    }
    return true;
  }

  async #properties(): Promise<BlobGetPropertiesResponse | undefined> {
    return this.#call(0, async (abortSignal) => {
      try {
        return await this.#options.client.getProperties({ abortSignal });
      } catch (error) {
        // HEAD has no body, so the code is in a header; a proxy may have taken that away
        if (error instanceof RestError && error.statusCode === 404 && error.code !== 'ContainerNotFound')
          return undefined;
        throw error;
      }
    });
  }

  #matches({ contentLength, contentMD5 }: BlobGetPropertiesResponse): boolean {
    return contentLength === this.bytes && contentMD5 !== undefined && this.#md5.equals(contentMD5);
  }

  #call<Result>(bytes: number, call: (abortSignal: AbortSignal) => Promise<Result>): Promise<Result> {
    const { signal, baseTimeoutMs } = this.#options;
    return storageCall({ signal, timeoutMs: callTimeoutMs(bytes, baseTimeoutMs) }, call);
  }
}

function isNameTaken(error: RestError): boolean {
  return error.code === 'BlobAlreadyExists' || (error.statusCode === 412 && error.code === 'ConditionNotMet');
}

function sameMetadata(found: Record<string, string>, wanted: Record<string, string>): boolean {
  const names = Object.keys(wanted);
  return names.length === Object.keys(found).length && names.every((name) => found[name] === wanted[name]);
}
