import assert from 'node:assert/strict';
import { RejectedError } from '@edgeveil/contracts';
import { checkEvidence } from './checked-evidence.ts';
import { asStoreItem, makeEvidence } from './testing/make-evidence.ts';

describe('checkEvidence', () => {
  const evidence = makeEvidence();
  const item = asStoreItem(evidence);
  const { meta } = item;

  function codeOf(changed: { readonly id?: string; readonly meta?: unknown; readonly payload?: Buffer }): string {
    try {
      checkEvidence({ ...item, ...changed });
    } catch (error) {
      assert.ok(error instanceof RejectedError);
      return error.code;
    }
    return 'passes';
  }

  it('lets a picture pass whose receipt vouches for it', () => {
    assert.deepEqual(checkEvidence(item), evidence);
  });

  it('refuses a picture without a receipt', () => {
    for (const bad of [undefined, null, {}, 'text', { evidence: meta.evidence }, { ...meta, receipt: {} }]) {
      assert.equal(codeOf({ meta: bad }), 'EVIDENCE_RECEIPT_INVALID');
    }
  });

  it('refuses a receipt that speaks of another frame', () => {
    const other = makeEvidence({ number: 1 });
    assert.equal(codeOf({ id: other.evidence.id }), 'EVIDENCE_RECEIPT_FOREIGN');
    assert.equal(codeOf({ meta: { ...meta, receipt: other.receipt } }), 'EVIDENCE_RECEIPT_FOREIGN');
    const elsewhere = { ...meta.evidence, source: 'other' };
    assert.equal(codeOf({ meta: { ...meta, evidence: elsewhere } }), 'EVIDENCE_RECEIPT_FOREIGN');
  });

  it('refuses a picture that differs in a single bit', () => {
    const payload = Buffer.from(item.payload);
    payload.writeUInt8(payload.readUInt8(500) ^ 1, 500);
    assert.equal(codeOf({ payload }), 'EVIDENCE_PICTURE_MISMATCH');
  });

  it('refuses a cut picture', () => {
    assert.equal(codeOf({ payload: item.payload.subarray(0, -1) }), 'EVIDENCE_PICTURE_MISMATCH');
  });

  it('refuses a receipt with a wrong MD5', () => {
    const receipt = { ...meta.receipt, picture: { ...meta.receipt.picture, md5: 'AAAAAAAAAAAAAAAAAAAAAA==' } };
    assert.equal(codeOf({ meta: { ...meta, receipt } }), 'EVIDENCE_PICTURE_MISMATCH');
  });

  it('drops what the receipt must not carry out of the site', () => {
    const frame = { ...meta.receipt.frame, name: 'badge of a person.jpg' };
    const checked = checkEvidence({ ...item, meta: { ...meta, receipt: { ...meta.receipt, frame, note: 'x' } } });
    assert.deepEqual(checked.receipt, evidence.receipt);
  });
});
