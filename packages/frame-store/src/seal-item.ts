import { type CipherGCM, createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { encodeHeader, HEADER_LENGTH, type ItemHeader, itemCorrupt, SALT_LENGTH, TAG_LENGTH } from './item-header.ts';
import type { Keyring } from './keyring.ts';

type Part = 'meta' | 'payload';

/** Each file has a key of its own, so that a fixed nonce per part is never used twice with one key. */
const NONCES: Readonly<Record<Part, Buffer>> = { meta: Buffer.alloc(12, 0), payload: Buffer.alloc(12, 1) };

/** Bytes of a sealed file, in order, without a copy of the payload in clear. */
export function sealItem(item: { id: string; meta: unknown; payload: Buffer }, keyring: Keyring): Buffer[] {
  const start = sealStart(item.id, item.meta, item.payload.length, keyring);
  const { cipher } = start;
  return [start.head, cipher.update(item.payload), cipher.final(), cipher.getAuthTag()];
}

export interface SealStart {
  /** Header and sealed metadata: the file up to the payload. */
  readonly head: Buffer;
  /** Seals the payload; its tag ends the file. */
  readonly cipher: CipherGCM;
}

/** Begins a sealed file whose payload of known length comes piece by piece. */
export function sealStart(id: string, meta: unknown, payloadLength: number, keyring: Keyring): SealStart {
  const metaBytes = Buffer.from(JSON.stringify(meta ?? null), 'utf8');
  const salt = randomBytes(SALT_LENGTH);
  const header = encodeHeader({ keyId: keyring.activeId, salt, metaLength: metaBytes.length, payloadLength });
  const key = keyring.activeFileKey(salt);
  const sealer = createCipheriv('aes-256-gcm', key, NONCES.meta).setAAD(authenticated(header, id, 'meta'));
  const head = Buffer.concat([header, sealer.update(metaBytes), sealer.final(), sealer.getAuthTag()]);
  const cipher = createCipheriv('aes-256-gcm', key, NONCES.payload).setAAD(authenticated(header, id, 'payload'));
  return { head, cipher };
}

/** `file` is a sealed file, or its beginning up to the payload. Throws RejectedError STORE_ITEM_CORRUPT. */
export function unsealMeta(file: Buffer, id: string, header: ItemHeader, key: KeyObject): unknown {
  const bytes = unsealPart('meta', file, id, HEADER_LENGTH, header.metaLength, key);
  return JSON.parse(bytes.toString('utf8'));
}

/** `file` is the whole sealed file. Throws RejectedError STORE_ITEM_CORRUPT. */
export function unsealPayload(file: Buffer, id: string, header: ItemHeader, key: KeyObject): Buffer {
  const start = HEADER_LENGTH + header.metaLength + TAG_LENGTH;
  return unsealPart('payload', file, id, start, header.payloadLength, key);
}

function unsealPart(part: Part, file: Buffer, id: string, start: number, length: number, key: KeyObject): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, NONCES[part], { authTagLength: TAG_LENGTH });
  decipher.setAAD(authenticated(file.subarray(0, HEADER_LENGTH), id, part));
  decipher.setAuthTag(file.subarray(start + length, start + length + TAG_LENGTH));
  // GCM is a stream cipher: all bytes come from update, and final only judges the tag.
  const bytes = decipher.update(file.subarray(start, start + length));
  try {
    decipher.final();
  } catch (cause) {
    throw itemCorrupt(id, `its ${part} is not what was sealed`, cause);
  }
  return bytes;
}

function authenticated(header: Buffer, id: string, part: Part): Buffer {
  return Buffer.concat([header, Buffer.from(`${part}\n${id}`, 'utf8')]);
}
