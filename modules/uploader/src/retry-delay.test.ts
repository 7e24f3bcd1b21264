import assert from 'node:assert/strict';
import { retryDelayMs } from './retry-delay.ts';

describe('retryDelayMs', () => {
  const retry = { firstDelayMs: 500, maxDelayMs: 60_000 };

  it('doubles from the first delay to the longest', () => {
    const delays = [1, 2, 3, 8, 9, 1000].map((failures) => retryDelayMs(failures, retry, () => 1));
    assert.deepEqual(delays, [500, 1000, 2000, 60_000, 60_000, 60_000]);
  });

  it('leaves up to half of it to chance', () => {
    assert.equal(
      retryDelayMs(3, retry, () => 0),
      1000,
    );
  });
});
