import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { policySchema } from '@edgeveil/contracts';
import { hashPolicy } from './policy-hash.ts';

describe('hashPolicy', () => {
  it('is the SHA-256 of the policy with sorted keys and no white space', () => {
    const text =
      '{"hideHeads":false,"labels":["face","plate"],"margin":0.15,"method":"pixelate","minMarginPixels":4,"name":"default","whenNothingFound":"upload"}';
    assert.equal(hashPolicy(policySchema.parse({})), createHash('sha256').update(text).digest('hex'));
  });

  it('does not depend on the order of keys, but on every value', () => {
    const policy = policySchema.parse({});
    const turned = policySchema.parse(Object.fromEntries(Object.entries(policy).toReversed()));
    assert.equal(hashPolicy(turned), hashPolicy(policy));
    for (const change of [{ margin: 0.2 }, { labels: ['face'] }, { method: 'solid' }, { hideHeads: true }])
      assert.notEqual(hashPolicy(policySchema.parse(change)), hashPolicy(policy));
  });
});
