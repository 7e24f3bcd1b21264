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
});
