import { type Receipt, receiptSchema, type Upload } from '@edgeveil/contracts';

/** Where redacted pictures and receipts lie; the uploader's `EvidenceContainer` is one. */
export interface BlobReader {
  download(name: string): Promise<Buffer>;
}

/** One tile of the results page. */
export interface LatestUpload {
  readonly id: string;
  readonly source: string;
  readonly capturedAt: string;
  readonly blob: string;
  readonly receiptBlob: string;
  /** What was hidden, in words: `2 faces, 1 plate hidden`. */
  readonly summary: string;
}

const KEPT = 24;

/** The pictures that reached the storage account last, newest first, and running totals. */
export class LatestUploads {
  readonly #container: BlobReader;
  readonly #latest: LatestUpload[] = [];
  #uploaded = 0;
  #hidden = 0;

  constructor(container: BlobReader) {
    this.#container = container;
  }

  /** Takes an upload into account; its receipt is read from the storage account, as any consumer would. */
  async add(upload: Upload): Promise<void> {
    const receiptBlob = upload.blob.replace(/\.jpg$/, '.receipt.json');
    const receipt = receiptSchema.parse(JSON.parse((await this.#container.download(receiptBlob)).toString('utf8')));
    this.#uploaded += 1;
    this.#hidden += receipt.masked.length;
    this.#latest.unshift({
      id: upload.id,
      source: upload.source,
      capturedAt: receipt.frame.capturedAt,
      blob: upload.blob,
      receiptBlob,
      summary: summarise(receipt),
    });
    this.#latest.length = Math.min(this.#latest.length, KEPT);
  }

  snapshot(): {
    readonly totals: { readonly uploaded: number; readonly hidden: number };
    readonly latest: readonly LatestUpload[];
  } {
    return { totals: { uploaded: this.#uploaded, hidden: this.#hidden }, latest: [...this.#latest] };
  }
}

function summarise(receipt: Receipt): string {
  const counts = new Map<string, number>();
  for (const { label } of receipt.masked) counts.set(label, (counts.get(label) ?? 0) + 1);
  const parts = [...counts].map(([label, count]) => `${count} ${label}${count === 1 ? '' : 's'}`);
  return parts.length === 0 ? 'nothing to hide' : `${parts.join(', ')} hidden`;
}
