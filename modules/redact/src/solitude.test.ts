import assert from 'node:assert/strict';
import { Solitude } from './solitude.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('Solitude', () => {
  it('runs work together, and what wants to be alone alone, one after the other', async () => {
    const solitude = new Solitude();
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    const work = (name: string) => () => {
      begun.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    };
    const all = [
      solitude.together(work('a')),
      solitude.together(work('b')),
      solitude.alone(work('x')),
      solitude.alone(work('y')),
      solitude.together(work('c')),
      solitude.together(work('d')),
    ];
    const expectAfter = async (ended: string | undefined, expected: string) => {
      if (ended !== undefined) ends.get(ended)?.();
      await turn();
      assert.equal(begun.join(''), expected);
    };
    await expectAfter(undefined, 'ab');
    await expectAfter('a', 'ab');
    await expectAfter('b', 'abx');
    await expectAfter('x', 'abxy');
    await expectAfter('y', 'abxycd');
    ends.get('c')?.();
    ends.get('d')?.();
    await Promise.all(all);
  });

  it('goes on after a failure', async () => {
    const solitude = new Solitude();
    await assert.rejects(
      solitude.alone(() => Promise.reject(new RangeError())),
      RangeError,
    );
    await assert.rejects(
      solitude.together(() => Promise.reject(new RangeError())),
      RangeError,
    );
    assert.equal(await solitude.alone(async () => 1), 1);
  });
});
