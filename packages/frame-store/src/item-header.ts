import { RejectedError } from '@edgeveil/contracts';

/**
 * Layout of a sealed file. All of the header is authenticated, and with it the item's id, so that neither a changed
 * header nor a renamed file opens.
 *
 *    0  4  magic "EVST"
 *    4  1  format version
 *    5  3  zero
 *    8  8  key id
 *   16 24  salt of the file's key
 *   40  8  length of the metadata (JSON, UTF-8)
 *   48  8  length of the payload
 *   56     metadata sealed with AES-256-GCM, tag (16)
 *          payload sealed with AES-256-GCM, tag (16)
 */
export interface ItemHeader {
  readonly keyId: string;
  readonly salt: Buffer;
  readonly metaLength: number;
  readonly payloadLength: number;
}

export const HEADER_LENGTH = 56;
export const TAG_LENGTH = 16;
export const SALT_LENGTH = 24;

const MAGIC = Buffer.from('EVST', 'latin1');
const VERSION = 1;

export function encodeHeader(header: ItemHeader): Buffer {
  const bytes = Buffer.alloc(HEADER_LENGTH);
  bytes.set(MAGIC, 0);
  bytes[4] = VERSION;
  bytes.set(Buffer.from(header.keyId, 'hex'), 8);
  bytes.set(header.salt, 16);
  bytes.writeBigUInt64BE(BigInt(header.metaLength), 40);
  bytes.writeBigUInt64BE(BigInt(header.payloadLength), 48);
  return bytes;
}

/** Length of the file that a header belongs to. */
export function fileLength(header: ItemHeader): number {
  return HEADER_LENGTH + header.metaLength + TAG_LENGTH + header.payloadLength + TAG_LENGTH;
}

/**
 * Reads a header and holds it against the length of its file, so that nobody allocates what a torn header claims.
 * Throws RejectedError STORE_ITEM_CORRUPT.
 */
export function decodeHeader(
  bytes: Buffer,
  { id, length }: { readonly id: string; readonly length: number },
): ItemHeader {
  if (bytes.length < HEADER_LENGTH || !bytes.subarray(0, 4).equals(MAGIC)) {
    throw itemCorrupt(id, 'it does not begin as a sealed file does');
  }
  if (bytes[4] !== VERSION) {
    throw itemCorrupt(id, `its format version is ${bytes[4]}, not ${VERSION}`);
  }
  const header = {
    keyId: bytes.toString('hex', 8, 16),
    salt: Buffer.from(bytes.subarray(16, 40)),
    metaLength: Number(bytes.readBigUInt64BE(40)),
    payloadLength: Number(bytes.readBigUInt64BE(48)),
  };
  if (fileLength(header) !== length) {
    throw itemCorrupt(id, `it has ${length} bytes, its header says ${fileLength(header)}`);
  }
  return header;
}

export function itemCorrupt(id: string, why: string, cause?: unknown): RejectedError {
  return new RejectedError('STORE_ITEM_CORRUPT', `item ${id} is damaged: ${why}`, { cause, details: { id, why } });
}
