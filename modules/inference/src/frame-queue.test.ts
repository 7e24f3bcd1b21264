import assert from 'node:assert/strict';
import { FrameQueue } from './frame-queue.ts';

function queueOf(capacity: number, ...entries: readonly (readonly [source: string, id: string])[]): FrameQueue {
  const queue = new FrameQueue(capacity);
  for (const [source, id] of entries) {
    queue.add({ id, source });
  }
  return queue;
}

const idsOf = (frames: readonly { readonly id: string }[]): string => frames.map(({ id }) => id).join(' ');

describe('FrameQueue', () => {
  it('gives the oldest of a source first, whenever it came', () => {
    assert.equal(idsOf(queueOf(9, ['a', '2'], ['a', '3'], ['a', '1']).take(9)), '1 2 3');
  });

  it('gives sources their turns, so that a backlog of one does not hold up the others', () => {
    const queue = queueOf(9, ['a', '1'], ['a', '2'], ['a', '3'], ['a', '4'], ['b', '8'], ['c', '9']);
    assert.equal(idsOf(queue.take(2)), '1 8');
    assert.equal(idsOf(queue.take(2)), '9 2');
    assert.equal(idsOf(queue.take(9)), '3 4');
    assert.equal(queue.size, 0);
  });

  it('knows a frame until it is let go, and takes it only once', () => {
    const queue = queueOf(9, ['a', '1'], ['a', '1']);
    assert.equal(queue.size, 1);
    queue.take(1);
    assert.equal(queue.add({ id: '1', source: 'a' }), true);
    assert.equal(queue.size, 0);
    queue.letGo('1');
    queue.add({ id: '1', source: 'a' });
    assert.equal(queue.size, 1);
  });

  it('refuses what does not fit', () => {
    const queue = queueOf(2, ['a', '1'], ['b', '2']);
    assert.equal(queue.isFull, true);
    assert.equal(queue.add({ id: '3', source: 'a' }), false);
    assert.equal(queue.has('3'), false);
    queue.take(1);
    assert.equal(queue.add({ id: '3', source: 'a' }), true);
  });

  it('has room for a source that sends little, however much another one sends', () => {
    const queue = queueOf(4, ['flood', '1'], ['flood', '2'], ['flood', '3'], ['flood', '4']);
    // The newest of the flood is left to a sweep, and can come again.
    assert.equal(queue.add({ id: '5', source: 'slow' }), false);
    assert.deepEqual([queue.size, queue.has('5'), queue.has('4')], [4, true, false]);
    assert.equal(queue.add({ id: '4', source: 'flood' }), false);
    assert.equal(idsOf(queue.take(2)), '1 5');
    for (let id = 100; id < 200; id += 1) queue.add({ id: String(id), source: 'flood' });
    queue.add({ id: '6', source: 'slow' });
    assert.ok(queue.take(2).some(({ id }) => id === '6'));
    assert.equal(queue.take(9).length, 2);
    assert.equal(queue.size, 0);
  });

  it('gives up live frames that have grown stale, never guaranteed ones', () => {
    const queue = queueOf(9, ['a', '1'], ['a', '2']);
    for (const liveSince of [100, 200, 300]) {
      queue.add({ id: `live-${liveSince}`, source: 'camera', liveSince });
    }
    assert.equal(idsOf(queue.takeStale(250)), 'live-100 live-200');
    assert.deepEqual(queue.takeStale(250), []);
    assert.equal(queue.has('live-100'), true);
    assert.equal(idsOf(queue.take(9)), '1 live-300 2');
    assert.equal(queue.size, 0);
  });

  it('says how long the frame that came first has waited', () => {
    let now = 1000;
    const queue = new FrameQueue(9, () => now);
    assert.equal(queue.longestWaitMs, 0);
    queue.add({ id: '2', source: 'a' });
    now = 1010;
    queue.add({ id: '1', source: 'a' });
    now = 1030;
    assert.equal(queue.longestWaitMs, 30);
    queue.take(1);
    assert.equal(queue.longestWaitMs, 30);
    queue.take(1);
    assert.equal(queue.longestWaitMs, 0);
  });
});
