import assert from 'node:assert/strict';
import { WaitingFrames } from './waiting-frames.ts';

describe('WaitingFrames', () => {
  it('gives back one frame of each source at a time, ever more slowly, at most every 5 minutes', () => {
    const waiting = new WaitingFrames();
    for (let i = 0; i < 100; i++) waiting.add(`gate-${i}`, 'gate', 0);
    waiting.add('yard-0', 'yard', 5_000);
    const times: number[] = [];
    for (let now = 0; now < 3_600_000; now += 1000) {
      const taken = waiting.takeProbes(now);
      if (taken.some((id) => id.startsWith('gate'))) times.push(now / 1000);
      if (now === 15_000) assert.deepEqual(taken, ['yard-0']);
    }
    assert.deepEqual(times.slice(0, 6), [10, 30, 70, 150, 310, 610]);
    assert.equal(times.length, 15);
  });

  it('has a frame until it is given back, announced anew, or at its end', () => {
    const waiting = new WaitingFrames();
    for (const id of ['a', 'b', 'c']) waiting.add(id, 'gate', 0);
    assert.deepEqual(waiting.takeProbes(10_000), ['a']);
    waiting.delete('b');
    waiting.forget('c');
    assert.deepEqual([waiting.has('a'), waiting.has('b'), waiting.has('c'), waiting.size], [false, false, false, 0]);
  });

  it('asks for nothing once it was cleared, and begins anew with the short wait', () => {
    const waiting = new WaitingFrames();
    for (const id of ['a', 'b', 'c']) waiting.add(id, 'gate', 0);
    waiting.takeProbes(10_000);
    waiting.clear();
    assert.deepEqual(waiting.takeProbes(1_000_000), []);
    waiting.add('b', 'gate', 1_000_000);
    assert.deepEqual(waiting.takeProbes(1_009_999), []);
    assert.deepEqual(waiting.takeProbes(1_010_000), ['b']);
  });

  it('lets the same frame go back again only in growing steps', () => {
    const waiting = new WaitingFrames();
    const times: number[] = [];
    for (let now = 0; now < 200; now++)
      if (waiting.mayReturn('a', now * 1000)) {
        waiting.noteReturn('a', now * 1000);
        times.push(now);
      }
    assert.deepEqual(times, [0, 10, 30, 70, 150]);
    waiting.forget('a');
    assert.equal(waiting.wasReturned('a'), false);
  });
});
