import assert from 'node:assert/strict';
import { freeBytes } from './free-bytes.ts';

describe('freeBytes', () => {
  it('gives memory back, but not that of others', () => {
    const whole = Buffer.allocUnsafeSlow(100_000);
    const part = Buffer.alloc(200_000).subarray(0, 100_000);
    const pooled = Buffer.from('short');
    const shared = new Uint8Array(new SharedArrayBuffer(100_000));
    for (const bytes of [whole, part, pooled, shared]) freeBytes(bytes);
    assert.deepEqual(
      [whole, part, pooled, shared].map(({ length }) => length),
      [0, 100_000, 5, 100_000],
    );
  });
});
