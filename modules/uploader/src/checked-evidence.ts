import { createHash } from 'node:crypto';
import { type Evidence, evidenceSchema, type Receipt, RejectedError, receiptSchema } from '@edgeveil/contracts';
import { z } from 'zod';

/** A redacted picture and its receipt that belong together. Only `checkEvidence` makes one. */
export interface CheckedEvidence {
  readonly evidence: Evidence;
  readonly receipt: Receipt;
  readonly picture: Buffer;
}

const evidenceMetaSchema = z.object({ evidence: evidenceSchema, receipt: receiptSchema });
/** What the evidence store and the spool keep beside the picture. */
export type EvidenceMeta = z.infer<typeof evidenceMetaSchema>;

/** @throws RejectedError `EVIDENCE_RECEIPT_INVALID` when there is no receipt or it does not parse. */
export function parseEvidenceMeta(id: string, meta: unknown): EvidenceMeta {
  const parsed = evidenceMetaSchema.safeParse(meta);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new RejectedError('EVIDENCE_RECEIPT_INVALID', `evidence ${id} has no valid receipt: ${issues.join('; ')}`, {
    details: { id, issues },
  });
}

/**
 * The gate that everything passes before it may leave the site: the receipt must parse, speak of this frame, and vouch for
 * exactly these bytes. Fails closed.
 * @throws RejectedError `EVIDENCE_RECEIPT_INVALID` when there is no receipt or it does not parse.
 * @throws RejectedError `EVIDENCE_RECEIPT_FOREIGN` when it speaks of another frame.
 * @throws RejectedError `EVIDENCE_PICTURE_MISMATCH` when it vouches for other bytes.
 */
export function checkEvidence(item: {
  readonly id: string;
  readonly meta: unknown;
  readonly payload: Buffer;
}): CheckedEvidence {
  const { evidence, receipt } = parseEvidenceMeta(item.id, item.meta);
  const differing = [
    evidence.id !== item.id && 'evidence.id',
    receipt.frame.id !== item.id && 'receipt.frame.id',
    receipt.frame.source !== evidence.source && 'receipt.frame.source',
    receipt.frame.capturedAt !== evidence.capturedAt && 'receipt.frame.capturedAt',
  ].filter((path) => path !== false);
  if (differing.length > 0) {
    throw new RejectedError('EVIDENCE_RECEIPT_FOREIGN', `receipt of evidence ${item.id} speaks of another frame`, {
      details: { id: item.id, differing },
    });
  }
  const picture = item.payload;
  const mismatches = [
    receipt.picture.bytes !== picture.length && 'bytes',
    receipt.picture.sha256 !== createHash('sha256').update(picture).digest('hex') && 'sha256',
    receipt.picture.md5 !== createHash('md5').update(picture).digest('base64') && 'md5',
  ].filter((path) => path !== false);
  if (mismatches.length > 0) {
    throw new RejectedError('EVIDENCE_PICTURE_MISMATCH', `receipt of evidence ${item.id} vouches for another picture`, {
      details: { id: item.id, mismatches },
    });
  }
  return { evidence, receipt, picture };
}

/** What an item takes in the spool, before sealing. */
export function spooledBytes({ evidence, receipt }: EvidenceMeta): number {
  return receipt.picture.bytes + Buffer.byteLength(JSON.stringify({ evidence, receipt }));
}

/** Tells one version of an item from another: the receipt holds the picture's hash, and the same pixels may get another receipt. */
export function versionOf(receipt: Receipt): string {
  return createHash('sha256').update(JSON.stringify(receipt)).digest('hex');
}
