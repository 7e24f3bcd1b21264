import assert from 'node:assert/strict';
import { Inbox } from './inbox.ts';

describe('Inbox', () => {
  const never = new AbortController().signal;

  it('gives all that waits, oldest first', async () => {
    const inbox = new Inbox<number>(10, () => {});
    inbox.push([1, 2]);
    inbox.push([3]);
    assert.deepEqual(await inbox.takeAll(never), [1, 2, 3]);
    assert.equal(inbox.size, 0);
  });

  it('drops the oldest beyond its capacity and counts them', async () => {
    let dropped = 0;
    const inbox = new Inbox<number>(3, (count) => {
      dropped += count;
    });
    inbox.push([1, 2, 3, 4, 5]);
    inbox.setCapacity(2);
    assert.deepEqual(await inbox.takeAll(never), [4, 5]);
    assert.equal(dropped, 3);
  });

  it('wakes who waits, and lets it go when the signal aborts', async () => {
    const inbox = new Inbox<number>(3, () => {});
    const taking = inbox.takeAll(never);
    inbox.push([1]);
    assert.deepEqual(await taking, [1]);
    const stop = new AbortController();
    const waiting = inbox.takeAll(stop.signal);
    stop.abort();
    assert.equal(await waiting, undefined);
  });
});
