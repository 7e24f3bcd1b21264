import assert from 'node:assert/strict';
import { Turns } from './turns.ts';

describe('Turns', () => {
  it('lets so many work at once, and the next in order when one has ended or failed', async () => {
    const turns = new Turns(2);
    const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
    const begun: number[] = [];
    const ends = gates.map((gate, index) =>
      turns.take(async () => {
        begun.push(index);
        await gate.promise;
        return index;
      }),
    );
    await Promise.resolve();
    assert.deepEqual(begun, [0, 1]);
    gates[1]?.reject(new Error('broken'));
    await assert.rejects(ends[1] ?? Promise.resolve(), /broken/);
    assert.deepEqual(begun, [0, 1, 2]);
    for (const index of [0, 2, 3]) gates[index]?.resolve();
    assert.deepEqual(await Promise.all([ends[0], ends[2], ends[3]]), [0, 2, 3]);
    assert.equal(await turns.take(async () => 'again'), 'again');
  });
});
