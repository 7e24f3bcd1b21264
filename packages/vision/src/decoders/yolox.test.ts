import assert from 'node:assert/strict';
import { ConfigError } from '@edgeveil/contracts';
import { cellOf, contextOf, yoloxOutputs } from './test-outputs.ts';
import { decodeYolox } from './yolox.ts';

const labels = ['person', 'car'];

describe('decodeYolox', () => {
  it('places a box by its cell and stride, and multiplies objectness and class', () => {
    // Stride 16, column 2, row 1: centre (2.5 * 16, 1.25 * 16), size exp(0) * 16.
    const outputs = yoloxOutputs(2, { [cellOf(16, 2, 1)]: [0.5, 0.25, 0, 0, 0.75, 0, 1] });
    assert.deepEqual(decodeYolox(outputs, contextOf(labels)), [{ label: 'car', score: 0.75, box: [32, 12, 16, 16] }]);
  });

  it('reads all three strides', () => {
    const cell = [0.5, 0.5, 0, 0, 1, 1, 0];
    const outputs = yoloxOutputs(2, { [cellOf(8, 7, 7)]: cell, [cellOf(16, 0, 0)]: cell, [cellOf(32, 1, 0)]: cell });
    assert.deepEqual(
      decodeYolox(outputs, contextOf(labels)).map(({ box }) => box),
      [
        [56, 56, 8, 8],
        [0, 0, 16, 16],
        [32, 0, 32, 32],
      ],
    );
  });

  it('does not report a cell whose product misses the threshold', () => {
    const outputs = yoloxOutputs(2, { 3: [0, 0, 0, 0, 0.6, 0.6, 0.6] });
    assert.deepEqual(decodeYolox(outputs, contextOf(labels)), []);
  });

  it('cuts a box whose exponent overflows to the input', () => {
    const outputs = yoloxOutputs(2, { [cellOf(8, 4, 4)]: [0, 0, 1e9, 1e9, 1, 1, 0] });
    assert.deepEqual(decodeYolox(outputs, contextOf(labels))[0]?.box, [0, 0, 64, 64]);
  });

  it('drops scores that are not numbers', () => {
    const outputs = yoloxOutputs(2, {
      3: [0, 0, 0, 0, Number.NaN, 1, 1],
      4: [0, 0, 0, 0, 1, Number.NaN, Number.NaN],
    });
    // With a floor of 0 every one of the 84 cells is found but these two.
    assert.equal(decodeYolox(outputs, contextOf(labels, { score: 0 })).length, 82);
  });

  it('refuses another number of labels', () => {
    assert.throws(
      () => decodeYolox(yoloxOutputs(3, {}), contextOf(labels)),
      (error) => error instanceof ConfigError && error.details.expected === 'output float32 [1,84,7]',
    );
  });
});
