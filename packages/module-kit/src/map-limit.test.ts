import assert from 'node:assert/strict';
import { mapLimit } from './map-limit.ts';

describe('mapLimit', () => {
  it('works on everything with at most the given number at once', async () => {
    const done: number[] = [];
    let underWay = 0;
    let most = 0;
    await mapLimit([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise(setImmediate);
      underWay -= 1;
      done.push(item);
    });
    assert.deepEqual(done.sort(), [1, 2, 3, 4, 5, 6, 7]);
    assert.equal(most, 3);
  });

  it('pulls from the source only what a worker is free for', async () => {
    let pulled = 0;
    async function* source() {
      for (;;) yield pulled++;
    }
    const stop = new AbortController();
    let ended = 0;
    await mapLimit(
      source(),
      2,
      async (item) => {
        await new Promise(setImmediate);
        ended += 1;
        if (item === 10) stop.abort();
      },
      stop.signal,
    );
    assert.equal(pulled - ended, 0);
    assert.ok(pulled <= 13);
  });

  it('awaits what is under way before it throws the first failure', async () => {
    let isSecondDone = false;
    const secondStarted = Promise.withResolvers<void>();
    const work = mapLimit([1, 2, 3], 2, async (item) => {
      if (item === 3) assert.fail('pulled after the failure');
      if (item === 1) {
        await secondStarted.promise;
        throw new RangeError('first');
      }
      secondStarted.resolve();
      for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
      isSecondDone = true;
    });
    await assert.rejects(work, RangeError);
    assert.equal(isSecondDone, true);
  });
});
