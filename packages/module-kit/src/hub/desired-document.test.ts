import assert from 'node:assert/strict';
import { desiredDocument } from './desired-document.ts';

describe('desiredDocument', () => {
  it('takes the version and leaves out what belongs to the hub', () => {
    const answer = { desired: { a: { $b: 1 }, $version: 7, $metadata: {} }, reported: { $version: 1 } };
    assert.deepEqual(desiredDocument(answer), { version: 7, desired: { a: { $b: 1 } } });
  });

  for (const answer of [undefined, null, '', 5, [], {}, { desired: null }, { desired: [] }]) {
    it(`takes ${JSON.stringify(answer)} for no answer`, () => {
      assert.throws(() => desiredDocument(answer), { code: 'TWIN_ANSWER_INVALID' });
    });
  }
});
