import assert from 'node:assert/strict';
import { progress } from './watch-progress.ts';

describe('progress', () => {
  it('is missed when frames are in work and none comes out, for no reason outside', () => {
    const queue = { ended: 7, active: 2 };
    let isBlocked = false;
    const isMoving = progress({ queue, isBlocked: () => isBlocked });
    assert.equal(isMoving(), false);
    queue.ended = 8;
    assert.equal(isMoving(), true);
    assert.equal(isMoving(), false);
    isBlocked = true;
    assert.equal(isMoving(), true);
    isBlocked = false;
    queue.active = 0;
    assert.equal(isMoving(), true);
  });
});
