import assert from 'node:assert/strict';
import {
  buildOnnx,
  describeOnnx,
  encodeOnnx,
  node,
  type PixelInput,
  parseOnnx,
  value,
  withPixelInput,
} from './index.ts';

const plain: PixelInput = {
  name: 'images',
  width: 64,
  height: 32,
  layout: 'nchw',
  channels: 'rgb',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
};

function model(type: Parameters<typeof value>[1], dims: readonly (number | string)[], opset = 13) {
  return buildOnnx({
    opset,
    nodes: [node('Relu', ['images'], 'out')],
    inputs: [value('images', type, dims)],
    outputs: [value('out', type, dims)],
  });
}

describe('withPixelInput', () => {
  const operators = (found: ReturnType<typeof withPixelInput>) =>
    found?.model.graph?.node?.map(({ opType }) => opType).slice(0, -1);

  it('takes interleaved bytes and gives the model what it had', () => {
    const found = withPixelInput(model('float32', ['n', 3, 32, 64]), {
      ...plain,
      channels: 'bgr',
      scale: 1 / 255,
      mean: [0.4, 0.4, 0.4],
    });
    assert.deepEqual(operators(found), ['Transpose', 'Gather', 'Cast', 'Mul', 'Add']);
    assert.ok(found !== undefined);
    const { inputs, outputs } = describeOnnx(parseOnnx(encodeOnnx(found.model)));
    assert.equal(inputs.length, 1);
    assert.equal(inputs[0]?.name, found.inputName);
    assert.equal(inputs[0]?.type, 'uint8');
    assert.deepEqual(inputs[0]?.shape?.slice(1), [32, 64, 3]);
    assert.deepEqual(outputs[0]?.name, 'out');
    assert.deepEqual(found.model.graph?.node?.at(-2)?.output, ['images']);
  });

  it('does no more than it must', () => {
    assert.deepEqual(operators(withPixelInput(model('uint8', [1, 32, 64, 3]), { ...plain, layout: 'nhwc' })), [
      'Identity',
    ]);
    assert.deepEqual(operators(withPixelInput(model('float16', [3, 32, 64]), { ...plain, scale: 2 })), [
      'Transpose',
      'Cast',
      'Mul',
      'Cast',
    ]);
    assert.deepEqual(operators(withPixelInput(model('float16', [3, 32, 64]), plain)), ['Transpose', 'Cast']);
  });

  it('leaves the model that it was given as it is, and its names alone', () => {
    const given = model('float32', [1, 3, 32, 64]);
    given.graph?.node?.push(node('Relu', ['out'], 'pixels_rgb'));
    const before = encodeOnnx(given);
    const found = withPixelInput(given, plain);
    assert.notEqual(found?.inputName, 'pixels_rgb');
    assert.deepEqual(encodeOnnx(given), before);
  });

  it('says nothing of a model that it cannot change', () => {
    assert.equal(withPixelInput(model('int64', [1, 3, 32, 64]), plain), undefined);
    assert.equal(withPixelInput(model('float32', [1, 96]), plain), undefined);
    assert.equal(withPixelInput(model('float32', [1, 1, 32, 64]), { ...plain, channels: 'grey' }), undefined);
    assert.equal(withPixelInput(model('float32', [1, 3, 32, 64], 6), plain), undefined);
    assert.equal(withPixelInput(model('float32', [1, 3, 32, 64]), { ...plain, name: 'other' }), undefined);
  });
});
