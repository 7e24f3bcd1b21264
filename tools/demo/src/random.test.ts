import assert from 'node:assert/strict';
import { Random } from './random.ts';

describe('Random', () => {
  it('repeats its sequence for the same seed, on any machine', () => {
    const random = new Random(42);
    const first = [random.int(0, 999_999), random.int(0, 999_999), random.int(0, 999_999)];
    const again = new Random(42);
    assert.deepEqual([again.int(0, 999_999), again.int(0, 999_999), again.int(0, 999_999)], first);
  });

  it('gives neighbouring seeds sequences that have nothing in common', () => {
    const values = new Set(Array.from({ length: 1000 }, (_, seed) => new Random(seed).int(0, 1_000_000_000)));
    assert.equal(values.size, 1000);
  });

  it('reaches both ends of an integer range and nothing beyond', () => {
    const random = new Random(1);
    const seen = new Set(Array.from({ length: 400 }, () => random.int(3, 6)));
    assert.deepEqual([...seen].sort(), [3, 4, 5, 6]);
  });
});
