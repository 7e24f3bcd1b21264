import assert from 'node:assert/strict';
import { RunningTotal } from './running-total.ts';

describe('RunningTotal', () => {
  it('goes on when the counter begins again at 0', () => {
    const total = new RunningTotal();
    assert.deepEqual(
      [5, 8, 0, 2, 3].map((reading) => total.add(reading)),
      [5, 8, 8, 10, 11],
    );
  });
});
