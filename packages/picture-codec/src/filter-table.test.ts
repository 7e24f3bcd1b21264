import assert from 'node:assert/strict';
import { filterTable } from './filter-table.ts';

const LENGTHS = [1, 2, 3, 5, 7, 16, 100, 224, 360, 455, 640, 1080, 1920];

describe('filterTable', () => {
  it('loses nothing and stays inside the line, whatever the lengths', () => {
    for (const from of LENGTHS) {
      for (const to of LENGTHS) {
        const { starts, weights, taps } = filterTable(from, to);
        for (const [index, start] of starts.entries()) {
          const own = weights.subarray(index * taps, (index + 1) * taps);
          assert.equal(
            own.reduce((sum, weight) => sum + weight, 0),
            256,
            `${from} to ${to}, ${index}`,
          );
          assert.ok(start >= 0 && start + taps <= from, `${from} to ${to}, ${index}: ${start}`);
        }
      }
    }
  });

  it('counts each pixel of a line that is shortened as often as any other', () => {
    const { starts, weights, taps } = filterTable(10, 4);
    const counted = new Float64Array(10);
    for (const [index, weight] of weights.entries()) {
      const pixel = (starts[Math.floor(index / taps)] ?? 0) + (index % taps);
      counted[pixel] = (counted[pixel] ?? 0) + weight / 256;
    }
    for (const each of counted) {
      assert.ok(Math.abs(each - 4 / 10) < 2 / 256, `${counted.join(' ')}`);
    }
  });

  it('copies a line that keeps its length', () => {
    const { starts, weights, taps } = filterTable(5, 5);
    assert.deepEqual([[...starts], [...weights], taps], [[0, 1, 2, 3, 4], [256, 256, 256, 256, 256], 1]);
  });
});
