import assert from 'node:assert/strict';
import { type FilterTable, filterTable } from './filter-table.ts';

const LENGTHS = [1, 2, 3, 5, 7, 16, 100, 224, 360, 455, 640, 1080, 1920];

describe('filterTable', () => {
  it('loses nothing and stays inside the line, whatever the lengths', () => {
    for (const from of LENGTHS) {
      for (const to of LENGTHS) {
        const { starts, weights, taps } = filterTable(from, to, { start: 0, length: to });
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
    const { starts, weights, taps } = filterTable(30, 10, { start: 0, length: 10 });
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
    const { starts, weights, taps } = filterTable(2, 4, { start: 0, length: 4 });
    assert.deepEqual([[...starts], [...weights], taps], [[0, 0, 0, 0], [256, 0, 192, 64, 64, 192, 0, 256], 2]);
  });

  it('gives of a part what it gives of the whole', () => {
    for (const [from, to, start, length] of [
      [20, 224, 100, 40],
      [1920, 640, 600, 40],
      [7, 5, 4, 1],
    ] as const) {
      const [whole, part] = [filterTable(from, to, { start: 0, length: to }), filterTable(from, to, { start, length })];
      for (let index = 0; index < length; index += 1) {
        assert.deepEqual(weightsOf(part, index, from), weightsOf(whole, start + index, from), `${from} to ${to}`);
      }
    }
  });

  it('takes a part of a line that is lengthened beyond what a call can have as arguments', () => {
    const { starts } = filterTable(65_500, 733_600, { start: 366_688, length: 224 });
    assert.deepEqual([starts.length, starts[0], starts[223]], [224, 32_739, 32_759]);
    assert.equal(filterTable(65_500, 733_600, { start: 0, length: 733_600 }).taps, 2);
  });

  it('copies a line that keeps its length', () => {
    const { starts, weights, taps } = filterTable(5, 5, { start: 0, length: 5 });
    assert.equal(taps, 2);
    for (const [index, start] of starts.entries()) {
      assert.equal(weights[index * taps + index - start], 256);
    }
  });
});

/** Weights of a pixel of the result, for each pixel of the line. */
function weightsOf({ starts, weights, taps }: FilterTable, index: number, from: number): number[] {
  const line = Array.from({ length: from }, () => 0);
  const start = starts[index] ?? Number.NaN;
  weights.subarray(index * taps, (index + 1) * taps).forEach((weight, tap) => {
    line[start + tap] = weight;
  });
  return line;
}
