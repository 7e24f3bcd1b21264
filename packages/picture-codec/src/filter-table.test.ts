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

  it('counts each pixel of a line that is shortened as often as any other, but for the ends', () => {
    const { starts, weights, taps } = filterTable(30, 10);
    const counted = new Float64Array(30);
    for (const [index, weight] of weights.entries()) {
      const pixel = (starts[Math.floor(index / taps)] ?? 0) + (index % taps);
      counted[pixel] = (counted[pixel] ?? 0) + weight / 256;
    }
    for (const each of counted.subarray(6, 24)) {
      assert.ok(Math.abs(each - 10 / 30) < 2 / 256, `${counted.join(' ')}`);
    }
  });

  it('takes a pixel of a line that is lengthened from the two that are nearest', () => {
    const { starts, weights, taps } = filterTable(2, 4);
    assert.deepEqual([[...starts], [...weights], taps], [[0, 0, 0, 0], [256, 0, 192, 64, 64, 192, 0, 256], 2]);
  });

  it('copies a line that keeps its length', () => {
    const { starts, weights, taps } = filterTable(5, 5);
    assert.equal(taps, 2);
    for (const [index, start] of starts.entries()) {
      assert.equal(weights[index * taps + index - start], 256);
    }
  });
});
