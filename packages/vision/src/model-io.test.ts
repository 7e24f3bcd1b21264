import assert from 'node:assert/strict';
import { ConfigError } from '@edgeveil/contracts';
import { checkModelIo, fixedBatchOf, type ModelIo } from './model-io.ts';
import { TEST_MODEL } from './test-model.ts';

function ioOf(inputShape: (number | string)[], outputShape: (number | string)[]): ModelIo {
  return {
    inputs: [{ name: 'images', isTensor: true, type: 'float32', shape: inputShape }],
    outputs: [{ name: 'output0', isTensor: true, type: 'float32', shape: outputShape }],
  };
}

describe('checkModelIo', () => {
  it('takes fixed and symbolic dimensions', () => {
    checkModelIo(TEST_MODEL, ioOf([1, 3, 64, 64], [1, 6, 84]));
    checkModelIo(TEST_MODEL, ioOf(['batch', 3, 'h', 'w'], ['batch', 6, '']));
  });

  it('refuses a model with another number of classes than the package has labels', () => {
    assert.throws(
      () => checkModelIo(TEST_MODEL, ioOf([1, 3, 64, 64], [1, 9, 84])),
      (error) =>
        error instanceof ConfigError &&
        error.code === 'MODEL_OUTPUT_MISMATCH' &&
        error.details.expected === 'one output float32 [batch,6,84] (yolov8 with 2 labels)' &&
        error.details.found === 'output0 float32 [1,9,84]',
    );
  });

  it('refuses another input size, name or type', () => {
    const good = ioOf([1, 3, 64, 64], [1, 6, 84]);
    const wrong: ModelIo[] = [
      ioOf([1, 3, 96, 96], [1, 6, 84]),
      { ...good, inputs: [{ name: 'other', isTensor: true, type: 'float32', shape: [1, 3, 64, 64] }] },
      { ...good, inputs: [{ name: 'images', isTensor: true, type: 'uint8', shape: [1, 3, 64, 64] }] },
      { ...good, inputs: [...good.inputs, ...good.inputs] },
      { ...good, inputs: [] },
    ];
    for (const io of wrong) {
      assert.throws(
        () => checkModelIo(TEST_MODEL, io),
        (error) => error instanceof ConfigError && error.code === 'MODEL_INPUT_MISMATCH',
      );
    }
  });

  it('tells a fixed batch from a free one', () => {
    assert.equal(fixedBatchOf(ioOf([1, 3, 64, 64], [1, 6, 84])), 1);
    assert.equal(fixedBatchOf(ioOf(['', 3, 64, 64], [1, 6, 84])), undefined);
  });
});
