import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { testData } from '../../../test/test-data.ts';
import { describeOnnx, encodeOnnx, parseOnnx } from './index.ts';

describe('parseOnnx on real models', () => {
  it('reads what the file says about itself', async function () {
    const bytes = await readFile(testData(this, 'models/yolox_nano.onnx'));
    const found = describeOnnx(parseOnnx(bytes));
    assert.equal(found.opsets['ai.onnx'], 11);
    assert.deepEqual(
      found.inputs.map(({ name, type, shape }) => ({ name, type, shape })),
      [{ name: 'images', type: 'float32', shape: [1, 3, 416, 416] }],
    );
    assert.deepEqual(found.outputs[0]?.shape, [1, 3549, 85]);
    assert.ok((found.operators.Conv ?? 0) > 50);
    assert.ok(found.initialisers.length > 50);
  });

  it('tells a sequence from a tensor', async function () {
    const bytes = await readFile(testData(this, 'models/customvision_cat_dog.onnx'));
    const { outputs } = describeOnnx(parseOnnx(bytes));
    assert.deepEqual(
      outputs.map(({ name, kind, type }) => [name, kind, type]),
      [
        ['classLabel', 'tensor', 'string'],
        ['loss', 'sequence', undefined],
      ],
    );
  });

  it('keeps weights as views of the file', async function () {
    const bytes = await readFile(testData(this, 'models/mobilenet_v2.onnx'));
    const raw = parseOnnx(bytes).graph?.initializer?.find(({ rawData }) => (rawData?.length ?? 0) > 100_000)?.rawData;
    assert.equal(raw?.buffer, bytes.buffer);
  });

  it('loses nothing when a model is written again', async function () {
    for (const name of ['yolox_nano', 'customvision_cat_dog', 'squeezenet_fp16', 'pcb_aoi_original_unloadable']) {
      const bytes = await readFile(testData(this, `models/${name}.onnx`));
      const model = parseOnnx(bytes);
      const written = encodeOnnx(model);
      assert.deepEqual(describeOnnx(parseOnnx(written)), describeOnnx(model));
      // Fields may change places, so only the sizes can be compared: of these files they are the same, byte for byte.
      assert.equal(written.length, bytes.length, name);
    }
  });
});
