import assert from 'node:assert/strict';
import { ConfigError } from '@edgeveil/contracts';
import { contextOf, yolov8Outputs } from './test-outputs.ts';
import { decodeYolov8 } from './yolov8.ts';

const labels = ['person', 'face', 'plate'];

describe('decodeYolov8', () => {
  it('finds the best label of each cell that reaches the threshold', () => {
    const outputs = yolov8Outputs(3, { 5: [32, 16, 20, 10, 0.6, 0.75, 0], 83: [10, 10, 4, 4, 0.25, 0.25, 0.25] });
    assert.deepEqual(decodeYolov8(outputs, contextOf(labels)), [{ label: 'face', score: 0.75, box: [22, 11, 20, 10] }]);
  });

  it('reports a label with its own threshold beside a better one', () => {
    const outputs = yolov8Outputs(3, { 5: [32, 16, 20, 10, 0.75, 0.125, 0] });
    const found = decodeYolov8(outputs, contextOf(labels, { score: 0.5, perLabel: { face: 0.1 } }));
    assert.deepEqual(
      new Map(found.map(({ label, score }) => [label, score])),
      new Map([
        ['face', 0.125],
        ['person', 0.75],
      ]),
    );
  });

  it('drops scores that are not numbers', () => {
    const nan = Number.NaN;
    const outputs = yolov8Outputs(3, { 5: [32, 16, 20, 10, nan, nan, nan] });
    assert.deepEqual(decodeYolov8(outputs, contextOf(labels)), []);
  });

  it('drops boxes that are not numbers and cuts those that leave the input', () => {
    const outputs = yolov8Outputs(3, {
      1: [Number.NaN, 16, 20, 10, 0.75, 0, 0],
      2: [60, 60, 20, 20, 0.75, 0, 0],
      3: [200, 200, 20, 20, 0.75, 0, 0],
    });
    assert.deepEqual(decodeYolov8(outputs, contextOf(labels)), [
      { label: 'person', score: 0.75, box: [50, 50, 14, 14] },
    ]);
  });

  it('cuts scores to 1', () => {
    const outputs = yolov8Outputs(3, { 5: [32, 16, 20, 10, 1.5, 0, 0] });
    assert.equal(decodeYolov8(outputs, contextOf(labels))[0]?.score, 1);
  });

  it('takes its picture of a batch', () => {
    const outputs = yolov8Outputs(3, { 5: [32, 16, 20, 10, 0.75, 0, 0] }, 2);
    assert.equal(decodeYolov8(outputs, contextOf(labels, { score: 0.5 }, { size: 2, index: 0 })).length, 0);
    assert.equal(decodeYolov8(outputs, contextOf(labels, { score: 0.5 }, { size: 2, index: 1 })).length, 1);
  });

  it('names expected and found shapes of outputs that are not its own', () => {
    const wrong = [
      yolov8Outputs(2, {}),
      { ...yolov8Outputs(3, {}), output1: { dims: [1, 32, 16, 16], data: new Float32Array(8192) } },
      { output0: { dims: [1, 7, 84], data: new Int32Array(588) } },
      { output0: { dims: [1, 7, 84], data: new Float32Array(10) } },
      { output0: { dims: [7, 84], data: new Float32Array(588) } },
      {},
    ];
    for (const outputs of wrong) {
      assert.throws(
        () => decodeYolov8(outputs, contextOf(labels)),
        (error) =>
          error instanceof ConfigError &&
          error.code === 'MODEL_OUTPUT_SHAPE' &&
          /\[1,7,84\].*found/.test(error.message),
      );
    }
  });
});
