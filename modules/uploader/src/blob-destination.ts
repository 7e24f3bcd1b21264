import { type BlobServiceClient, RestError } from '@azure/storage-blob';
import { type EdgeveilError, TransientError, type UploaderTwin } from '@edgeveil/contracts';
import { blobMetadata } from './blob-metadata.ts';
import { blobNames } from './blob-name.ts';
import type { CheckedEvidence } from './checked-evidence.ts';
import type { Delivered, DeliverOptions, Destination } from './destination.ts';
import { RemoteBlob } from './remote-blob.ts';
import { storageCall } from './storage-call.ts';

export type DestinationConfig = UploaderTwin['destination'];

export interface BlobDestinationOptions {
  readonly account: BlobServiceClient;
  readonly deviceId: string;
  readonly config: DestinationConfig;
  /** How long a call without a body may take. Default 30 s. */
  readonly baseTimeoutMs?: number;
}

const CONTENT_TYPES = { jpeg: 'image/jpeg', png: 'image/png', webp: 'image/webp' } as const;

/** Block blobs in one container of an Azure storage account, of Azurite, or of Azure Blob Storage on IoT Edge. */
export class BlobDestination implements Destination {
  readonly #account: BlobServiceClient;
  readonly #deviceId: string;
  readonly #baseTimeoutMs: number;
  #config: DestinationConfig;

  constructor({ account, deviceId, config, baseTimeoutMs = 30_000 }: BlobDestinationOptions) {
    this.#account = account;
    this.#deviceId = deviceId;
    this.#config = config;
    this.#baseTimeoutMs = baseTimeoutMs;
  }

  /** Deliveries that begin from now on go by this. */
  apply(config: DestinationConfig): void {
    this.#config = config;
  }

  async check(signal: AbortSignal): Promise<void> {
    const config = this.#config;
    const container = this.#account.getContainerClient(config.container);
    await storageCall({ signal, timeoutMs: this.#baseTimeoutMs }, async (abortSignal) => {
      if (config.createContainer) {
        await container.createIfNotExists({ abortSignal });
        return;
      }
      try {
        await container.getProperties({ abortSignal });
      } catch (error) {
        // A signature for blobs alone may not ask about the container: the first upload will tell
        if (!(error instanceof RestError && error.statusCode === 403)) throw error;
      }
    });
  }

  /**
   * The receipt goes first: whoever sees the picture, in a listing or through the event of its creation, finds the receipt in
   * place. While other content replaces a picture the newer receipt stands beside the older picture for a moment; the hash in the
   * receipt tells.
   */
  async deliver(evidence: CheckedEvidence, { attempt, signal }: DeliverOptions): Promise<Delivered> {
    const config = this.#config;
    const container = this.#account.getContainerClient(config.container);
    const { id, source, capturedAt } = evidence.evidence;
    const format = evidence.receipt.picture.format;
    const names = blobNames({ site: config.site, deviceId: this.#deviceId, source, capturedAt, id, format });
    const receipt = new RemoteBlob({
      client: container.getBlockBlobClient(names.receipt),
      content: Buffer.from(JSON.stringify(evidence.receipt)),
      contentType: 'application/json',
      metadata: {},
      signal,
      baseTimeoutMs: this.#baseTimeoutMs,
    });
    const picture = new RemoteBlob({
      client: container.getBlockBlobClient(names.picture),
      content: evidence.picture,
      contentType: CONTENT_TYPES[format],
      metadata: blobMetadata(evidence.receipt),
      signal,
      baseTimeoutMs: this.#baseTimeoutMs,
    });
    try {
      const written: RemoteBlob[] = [];
      for (const blob of [receipt, picture]) {
        if (await blob.place(attempt)) written.push(blob);
      }
      await Promise.all(written.map((blob) => blob.verify()));
      return {
        container: config.container,
        blob: picture.name,
        sentBytes: written.reduce((sum, { bytes }) => sum + bytes, 0),
      };
    } catch (error) {
      throw config.createContainer && isContainerMissing(error) ? asTransient(error) : error;
    }
  }
}

function isContainerMissing(error: unknown): error is EdgeveilError {
  return error instanceof Error && 'code' in error && error.code === 'UPLOAD_CONTAINER_MISSING';
}

/** Somebody deleted the container: the next check makes it again, so this is nothing that an operator must see to. */
function asTransient(error: EdgeveilError): TransientError {
  return new TransientError(error.code, error.message, { cause: error, details: error.details, retryAfterMs: 0 });
}
