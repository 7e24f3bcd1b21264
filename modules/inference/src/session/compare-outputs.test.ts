import assert from 'node:assert/strict';
import { type ComparedTensor, compareOutputs } from './compare-outputs.ts';

const floats = (...values: readonly number[]): ComparedTensor => ({
  type: 'float32',
  dims: [1, values.length],
  data: Float32Array.from(values),
});
const errorOf = (expected: ComparedTensor, found: ComparedTensor): number =>
  compareOutputs({ out: expected }, { out: found }).maxError;

describe('compareOutputs', () => {
  it('finds equal outputs equal, those that are no numbers too', () => {
    assert.deepEqual(compareOutputs({ out: floats(1, Number.NaN, -2) }, { out: floats(1, Number.NaN, -2) }), {
      maxError: 0,
      worst: undefined,
    });
  });

  it('measures the largest difference by the largest value, and says where', () => {
    const { maxError, worst } = compareOutputs({ out: floats(1, 100, 3) }, { out: floats(1, 90, 3) });
    assert.equal(maxError, 0.1);
    assert.equal(worst, 'out: 90 instead of 100');
  });

  it('takes what is no number where one is expected for infinitely wrong, and the other way round', () => {
    assert.equal(errorOf(floats(1, 2), floats(1, Number.NaN)), Number.POSITIVE_INFINITY);
    assert.equal(errorOf(floats(1, Number.NaN), floats(1, 2)), Number.POSITIVE_INFINITY);
  });

  it('notices zeros in place of values, and values in place of zeros', () => {
    assert.equal(errorOf(floats(3, 1, 2), floats(0, 0, 0)), 1);
    assert.equal(errorOf(floats(0, 0), floats(0, 1)), 1);
  });

  it('takes finds in another order for equal, but no map whose cells have changed places', () => {
    const rows = (...values: readonly number[]): ComparedTensor => ({ ...floats(...values), dims: [1, 3, 2] });
    assert.equal(errorOf(rows(10, 20, 30, 40, 50, 60), rows(30, 40, 10, 20, 50, 60)), 0);
    assert.ok(errorOf(rows(10, 20, 30, 40, 50, 60), rows(20, 10, 30, 40, 50, 60)) > 0.1);
    const map = (values: Float32Array): ComparedTensor => ({ type: 'float32', dims: [1, 4, 500], data: values });
    const cells = Float32Array.from({ length: 2000 }, (_, index) => index);
    assert.ok(errorOf(map(cells), map(cells.toReversed())) > 0.1);
  });

  it('notices another shape and a missing output', () => {
    assert.equal(errorOf(floats(1, 2), { ...floats(1, 2), dims: [2, 1] }), Number.POSITIVE_INFINITY);
    assert.equal(compareOutputs({ out: floats(1) }, {}).maxError, Number.POSITIVE_INFINITY);
  });

  it('reads half floats and integers of 64 bits, and passes over text', () => {
    const half = (...bits: readonly number[]): ComparedTensor => ({
      type: 'float16',
      dims: [bits.length],
      data: Uint16Array.from(bits),
    });
    // 1, -2, the smallest above 0; 1.5 in place of 1.
    assert.equal(errorOf(half(0x3c00, 0xc000, 0x0001), half(0x3c00, 0xc000, 0x0001)), 0);
    assert.equal(errorOf(half(0x3c00, 0xc000), half(0x3e00, 0xc000)), 0.25);
    const long = (value: bigint): ComparedTensor => ({ type: 'int64', dims: [1], data: BigInt64Array.of(value) });
    assert.equal(errorOf(long(10n), long(9n)), 0.1);
    const text = (value: string): ComparedTensor => ({ type: 'string', dims: [1], data: [value] });
    assert.equal(errorOf(text('cat'), text('dog')), 0);
  });
});
