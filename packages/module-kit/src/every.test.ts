import assert from 'node:assert/strict';
import { every } from './every.ts';

describe('every', () => {
  it('runs at once, then again and again without overlap, until the signal aborts', async () => {
    const stop = new AbortController();
    let runs = 0;
    let underWay = 0;
    await every(1, stop.signal, async () => {
      underWay += 1;
      assert.equal(underWay, 1);
      await new Promise(setImmediate);
      underWay -= 1;
      runs += 1;
      if (runs === 5) stop.abort();
    });
    assert.equal(runs, 5);
  });

  it('does not run at all when the signal is aborted already', async () => {
    await every(1, AbortSignal.abort(), () => assert.fail());
  });

  it('ends a long wait when the signal aborts', async () => {
    const stop = new AbortController();
    const loop = every(
      () => 1_000_000,
      stop.signal,
      async () => {},
    );
    await new Promise(setImmediate);
    stop.abort();
    await loop;
  });

  it('rejects when the task fails', async () => {
    await assert.rejects(
      every(1, new AbortController().signal, () => Promise.reject(new RangeError('no'))),
      RangeError,
    );
  });
});
