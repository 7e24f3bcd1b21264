import assert from 'node:assert/strict';
import { blobMetadata } from './blob-metadata.ts';
import { makeEvidence } from './testing/make-evidence.ts';

describe('blobMetadata', () => {
  const nameOf = (modelName: string): string | undefined => blobMetadata(makeEvidence({ modelName }).receipt).modelname;

  it('holds the key facts of the receipt', () => {
    const { receipt } = makeEvidence();
    const metadata = blobMetadata(receipt);
    assert.equal(metadata.frameid, receipt.frame.id);
    assert.equal(metadata.policysha256, receipt.policy.sha256);
    assert.equal(metadata.picturesha256, receipt.picture.sha256);
    assert.equal(metadata.masked, '1');
  });

  it('is fit for a header, whatever the model is called', () => {
    for (const name of [
      'größe',
      ' padded ',
      'line\r\nInjected: 1',
      '100 %',
      '\ud800',
      '日本'.repeat(500),
      'x'.repeat(5000),
    ]) {
      const value = nameOf(name) ?? '';
      assert.match(value, /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/, name.slice(0, 20));
      assert.ok(value.length <= 256);
      assert.doesNotThrow(() => decodeURIComponent(value.replace(/(%[0-9A-F]{2})+$/, '')));
    }
  });

  it('leaves plain names as they are', () => {
    assert.equal(nameOf('yunet 2023-03 (int8)'), 'yunet 2023-03 (int8)');
  });
});
