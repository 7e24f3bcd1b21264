import assert from 'node:assert/strict';
import { ConfigError } from '@edgeveil/contracts';
import { checkModelInput, fixedBatchOf, type IoMetadata, inputDims, type ModelIo } from './model-io.ts';
import { TEST_MODEL } from './test-model.ts';

function ioOf(shape: readonly (number | string)[], overrides: Partial<IoMetadata> = {}): ModelIo {
  return { inputs: [{ name: 'images', isTensor: true, type: 'float32', shape, ...overrides }], outputs: [] };
}

describe('checkModelInput', () => {
  it('takes the size that the package says, whether the file fixes it or not', () => {
    for (const shape of [
      [1, 3, 64, 64],
      ['batch', 3, 'height', 'width'],
      [3, 64, 64],
    ]) {
      checkModelInput(TEST_MODEL, ioOf(shape));
    }
  });

  const wrong: Readonly<Record<string, ModelIo>> = {
    'another name': ioOf([1, 3, 64, 64], { name: 'input' }),
    'another size': ioOf([1, 3, 64, 96]),
    'another layout': ioOf([1, 64, 64, 3]),
    'another type': ioOf([1, 3, 64, 64], { type: 'uint8' }),
    'no input': { inputs: [], outputs: [] },
  };
  for (const [what, io] of Object.entries(wrong)) {
    it(`says what it expected and found for ${what}`, () => {
      assert.throws(
        () => checkModelInput(TEST_MODEL, io),
        (error) =>
          error instanceof ConfigError &&
          error.code === 'MODEL_INPUT_MISMATCH' &&
          error.details.expected === 'images float32 [batch,3,64,64]' &&
          typeof error.details.found === 'string',
      );
    });
  }
});

describe('fixedBatchOf', () => {
  it('is the first dimension, unless that is open', () => {
    assert.equal(fixedBatchOf(ioOf([4, 3, 64, 64]), TEST_MODEL), 4);
    assert.equal(fixedBatchOf(ioOf(['batch', 3, 64, 64]), TEST_MODEL), undefined);
  });

  it('is one for a model without batch dimension, in its input or its outputs', () => {
    assert.equal(fixedBatchOf(ioOf([3, 64, 64]), TEST_MODEL), 1);
    const model = { ...TEST_MODEL, input: { ...TEST_MODEL.input, batch: 1 } };
    assert.equal(fixedBatchOf(ioOf(['batch', 3, 64, 64]), model), 1);
  });
});

describe('inputDims', () => {
  it('follows the layout, with the batch dimension where the model has one', () => {
    assert.deepEqual(inputDims(ioOf([1, 3, 64, 64]), TEST_MODEL, 2), [2, 3, 64, 64]);
    assert.deepEqual(inputDims(ioOf([3, 64, 64]), TEST_MODEL, 1), [3, 64, 64]);
    const model = { ...TEST_MODEL, input: { ...TEST_MODEL.input, layout: 'nhwc' as const } };
    assert.deepEqual(inputDims(ioOf(['b', 64, 64, 3]), model, 2), [2, 64, 64, 3]);
  });
});
