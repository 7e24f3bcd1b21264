import assert from 'node:assert/strict';
import { retryDelays } from './retry-delays.ts';

function take(count: number, delays: Iterable<number>): number[] {
  const taken: number[] = [];
  for (const delay of delays) {
    taken.push(delay);
    if (taken.length === count) break;
  }
  return taken;
}

describe('retryDelays', () => {
  it('doubles up to the cap and goes on for ever', () => {
    assert.deepEqual(take(6, retryDelays({ firstMs: 100, maxMs: 500, jitter: 0 })), [100, 200, 400, 500, 500, 500]);
  });

  it('takes off at most the share that is left to chance', () => {
    const shortest = retryDelays({ firstMs: 100, maxMs: 400, jitter: 0.5, random: () => 1 });
    assert.deepEqual(take(3, shortest), [50, 100, 200]);
  });

  it('keeps the first delay within the cap', () => {
    assert.deepEqual(take(2, retryDelays({ firstMs: 100, maxMs: 10, jitter: 0 })), [10, 10]);
  });
});
