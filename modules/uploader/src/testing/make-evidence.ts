import { createHash, randomBytes } from 'node:crypto';
import type { Evidence, Receipt } from '@edgeveil/contracts';
import type { CheckedEvidence } from '../checked-evidence.ts';

export interface TestEvidenceOptions {
  /** Distinguishes frames; also their order in time. */
  readonly number?: number;
  readonly picture?: Buffer;
  readonly modelName?: string;
  readonly source?: string;
}

const FIRST_CAPTURE = Date.parse('2026-01-31T10:59:59.000Z');

/** Evidence as redact makes it; the picture is noise, for nothing here looks at it. */
export function makeEvidence(options: TestEvidenceOptions = {}): CheckedEvidence {
  const { number = 0, picture = randomBytes(1000), modelName = 'demo', source = 'gate' } = options;
  const capturedAt = new Date(FIRST_CAPTURE + number * 1000);
  const original = sha256(Buffer.from(`original ${number}`));
  const id = `${capturedAt.getTime().toString(36).padStart(9, '0')}-${original.slice(0, 24)}`;
  const evidence: Evidence = { id, source, capturedAt: capturedAt.toISOString(), bytes: picture.length };
  const receipt: Receipt = {
    schemaVersion: '1.0',
    frame: {
      id,
      source,
      guarantee: 'guaranteed',
      capturedAt: evidence.capturedAt,
      width: 64,
      height: 48,
      sha256: original,
    },
    model: { name: modelName, version: '1.0.0', sha256: sha256(Buffer.from(modelName)) },
    policy: { name: 'default', sha256: sha256(Buffer.from('policy')), method: 'pixelate', labels: ['face', 'plate'] },
    found: [{ label: 'face', score: 0.9, box: [10, 10, 8, 8] }],
    masked: [{ label: 'face', box: [9, 9, 10, 10] }],
    picture: {
      format: 'jpeg',
      width: 64,
      height: 48,
      bytes: picture.length,
      sha256: sha256(picture),
      md5: createHash('md5').update(picture).digest('base64'),
    },
    redactedAt: '2026-01-31T11:00:01.000Z',
  };
  return { evidence, receipt, picture };
}

/** The same as an item of the evidence store. */
export function asStoreItem({ evidence, receipt, picture }: CheckedEvidence) {
  return { id: evidence.id, meta: { evidence, receipt }, payload: picture };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
