import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildOnnx, node, tensor, value } from './build-onnx.ts';
import { checkExternalData } from './check-external-data.ts';
import { describeOnnx, type OnnxDescription } from './describe-onnx.ts';
import { encodeOnnx } from './encode-message.ts';
import { parseOnnx } from './parse-onnx.ts';

function modelWithWeightsIn(location: string): OnnxDescription {
  const { rawData: _, ...weights } = tensor('w', [3], new Float32Array(3));
  const model = buildOnnx({
    inputs: [value('x', 'float32', [3])],
    outputs: [value('y', 'float32', [3])],
    initialisers: [{ ...weights, dataLocation: 1, externalData: [{ key: 'location', value: location }] }],
    nodes: [node('Add', ['x', 'w'], 'y')],
  });
  return describeOnnx(parseOnnx(encodeOnnx(model)));
}

describe('checkExternalData', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-onnx-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('names the file that is missing beside the model', async () => {
    const description = modelWithWeightsIn('weights.bin');
    assert.deepEqual(description.externalFiles, ['weights.bin']);
    await assert.rejects(checkExternalData(join(dir, 'model.onnx'), description), {
      code: 'ONNX_EXTERNAL_DATA_MISSING',
      message: /weights\.bin/,
    });
    await writeFile(join(dir, 'weights.bin'), Buffer.alloc(12));
    await checkExternalData(join(dir, 'model.onnx'), description);
  });

  it('refuses a file outside the folder of the model', async () => {
    for (const location of ['../weights.bin', '/etc/passwd', 'a/../../b', '']) {
      await assert.rejects(checkExternalData(join(dir, 'model.onnx'), modelWithWeightsIn(location)), {
        code: 'ONNX_EXTERNAL_DATA_OUTSIDE',
      });
    }
  });
});
