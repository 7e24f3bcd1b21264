import assert from 'node:assert/strict';
import { ScratchBuffers } from './scratch-buffers.ts';

describe('ScratchBuffers', () => {
  it('gives a buffer again only after it was given back', () => {
    const scratch = new ScratchBuffers({
      maxIdle: 2,
      maxBytesEach: 1000,
      allocate: (length) => Buffer.allocUnsafeSlow(length),
    });
    const first = scratch.take(100);
    const second = scratch.take(100);
    assert.notEqual(first, second);
    scratch.give(first);
    assert.equal(scratch.take(80), first);
    assert.notEqual(scratch.take(80), first);
  });

  it('keeps no more than its bounds allow', () => {
    const scratch = new ScratchBuffers({
      maxIdle: 1,
      maxBytesEach: 1000,
      allocate: (length) => Buffer.allocUnsafeSlow(length),
    });
    const [small, large, huge] = [scratch.take(10), scratch.take(500), scratch.take(2000)];
    for (const buffer of [small, large, huge]) {
      scratch.give(buffer);
    }
    assert.equal(scratch.take(5), large);
    assert.notEqual(scratch.take(5), small);
    assert.notEqual(scratch.take(1500), huge);
  });
});
