import assert from 'node:assert/strict';
import { describeAge } from './describe-age.ts';

describe('describeAge', () => {
  it('names the two largest units', () => {
    assert.equal(describeAge(-5), '0s');
    assert.equal(describeAge(999), '0s');
    assert.equal(describeAge(59_999), '59s');
    assert.equal(describeAge(60_000), '1m');
    assert.equal(describeAge(3_599_000), '59m 59s');
    assert.equal(describeAge(90_061_000), '1d 1h');
    assert.equal(describeAge(86_461_000), '1d');
  });
});
