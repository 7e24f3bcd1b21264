import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import { buildOnnx, encodeOnnx, node, value } from '@edgeveil/onnx-graph';
import { testData } from '../../../test/test-data.ts';
import { Detector, type DetectorOptions } from './detector.ts';
import { findModelPackage } from './locate-model.ts';
import { tinyModel, tinyPackage, writeTinyPackage } from './testing/tiny-model.ts';

async function assertRefused(options: DetectorOptions, code: string): Promise<ConfigError> {
  const error: unknown = await Detector.open(options).then(
    async (detector) => {
      await detector.close();
      return undefined;
    },
    (cause) => cause,
  );
  assert.ok(error instanceof ConfigError, `${String(error)} instead of ${code}`);
  assert.equal(error.code, code);
  assert.equal(typeof error.details.expected, 'string');
  assert.equal(typeof error.details.found, 'string');
  return error;
}

describe('Detector with a bad model', () => {
  let dir: string;
  let file: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-model-'));
    file = join(dir, 'some.onnx');
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('says that a file, a package or its model is missing', async () => {
    await assertRefused({ model: file }, 'MODEL_NOT_FOUND');
    await assertRefused({ model: join(dir, 'no-such-package') }, 'MODEL_NOT_FOUND');
    await writeTinyPackage(dir);
    await rm(join(dir, 'model.onnx'));
    await assertRefused({ model: dir }, 'MODEL_NOT_FOUND');
  });

  it('says that a model is a folder', async () => {
    await mkdir(file);
    await assertRefused({ model: file }, 'MODEL_UNREADABLE');
  });

  it('refuses an empty file, random bytes and a cut-off model', async () => {
    for (const bytes of [Buffer.alloc(0), randomBytes(5000), tinyModel().subarray(0, 9000)]) {
      await writeFile(file, bytes);
      await assertRefused({ model: file }, 'MODEL_UNLOADABLE');
    }
  });

  it('refuses a model with another hash than its package says, and names both', async () => {
    const sha256 = 'f'.repeat(64);
    await writeTinyPackage(dir, { overrides: { sha256 } });
    const error = await assertRefused({ model: dir }, 'MODEL_SHA256_MISMATCH');
    assert.equal(error.details.expected, sha256);
    assert.equal(error.details.found, tinyPackage(tinyModel()).sha256);
  });

  it('refuses a model with another hash than the configuration says', async () => {
    await writeTinyPackage(dir);
    const error = await assertRefused({ model: dir, sha256: '0'.repeat(64) }, 'MODEL_SHA256_MISMATCH');
    assert.equal(error.details.origin, 'the configuration');
  });

  it('refuses labels that are fewer or more than the classes of the model', async () => {
    await writeTinyPackage(dir, { overrides: { labels: ['person', 'face'] } });
    const error = await assertRefused({ model: dir }, 'MODEL_OUTPUT_MISMATCH');
    assert.match(String(error.details.expected), /^2 classes/);
    assert.match(String(error.details.found), /^3 classes in output0/);
  });

  it('refuses an input that the model does not have', async () => {
    const { input } = tinyPackage(tinyModel());
    await writeTinyPackage(dir, { overrides: { input: { ...input, name: 'other' } } });
    await assertRefused({ model: dir }, 'MODEL_INPUT_MISMATCH');
  });

  it('refuses a package that is not valid, and names the field', async () => {
    await writeTinyPackage(dir);
    await writeFile(join(dir, 'model.json'), '{"decoder":"yolov4"}');
    assert.match((await assertRefused({ model: dir }, 'MODEL_PACKAGE_INVALID')).message, /decoder/);
    await writeFile(join(dir, 'model.json'), '{"name":');
    await assertRefused({ model: dir }, 'MODEL_PACKAGE_INVALID');
  });

  it('refuses a threshold for a label that the model does not have', async () => {
    await writeTinyPackage(dir);
    await assertRefused({ model: dir, labelThresholds: { fase: 0.1 } }, 'MODEL_LABEL_UNKNOWN');
  });

  it('refuses to run without the GPU that is required', async () => {
    await writeTinyPackage(dir);
    await assertRefused({ model: dir, providers: ['cpu'], requireGpu: true }, 'GPU_REQUIRED');
  });

  it('finds a package in the first folder that has it', async () => {
    await writeTinyPackage(join(dir, 'b', 'tiny'));
    const found = await findModelPackage('tiny', [join(dir, 'a'), join(dir, 'b')]);
    assert.equal(found.modelFile, join(dir, 'b', 'tiny', 'model.onnx'));
    await assert.rejects(
      findModelPackage('tiny', [join(dir, 'a')]),
      (error) => error instanceof ConfigError && error.code === 'MODEL_NOT_FOUND',
    );
  });

  it('refuses a real model whose operators the runtime does not know', async function () {
    await assertRefused({ model: testData(this, 'models/pcb_aoi_original_unloadable.onnx') }, 'MODEL_UNLOADABLE');
  });

  it('works out what a model.json leaves out', async () => {
    await writeTinyPackage(dir);
    await writeFile(
      join(dir, 'model.json'),
      JSON.stringify({ name: 'yard', labels: ['one', 'two', 'three'], thresholds: { score: 0.75 } }),
    );
    await using detector = await Detector.open({ model: dir });
    const { name, labels, decoder, thresholds, input } = detector.model;
    assert.deepEqual([name, labels, decoder, thresholds.score], ['yard', ['one', 'two', 'three'], 'yolov8', 0.75]);
    assert.equal(input.width, 64);
  });

  it('takes labels.txt and NAME.model.json from beside a bare file', async () => {
    await writeFile(file, tinyModel());
    await writeFile(join(dir, 'labels.txt'), 'red\ngreen\nblue\n');
    await writeFile(join(dir, 'some.model.json'), JSON.stringify({ version: '7', input: { resize: 'stretch' } }));
    await using detector = await Detector.open({ model: file });
    assert.deepEqual(detector.labels, ['red', 'green', 'blue']);
    assert.deepEqual([detector.identity.version, detector.model.input.resize], ['7', 'stretch']);
  });

  it('says what it found in a model of no known kind', async () => {
    const strange = buildOnnx({
      inputs: [value('x', 'float32', [1, 3, 64, 64])],
      outputs: [value('y', 'float32', [1, 3, 64, 64])],
      nodes: [node('Relu', ['x'], 'y')],
    });
    await writeFile(file, encodeOnnx(strange));
    const error = await assertRefused({ model: file }, 'MODEL_OUTPUT_UNKNOWN');
    assert.match(String(error.details.found), /y float32 \[1,3,64,64\]/);
    const noPicture = buildOnnx({
      inputs: [value('x', 'float32', [1, 256])],
      outputs: [value('y', 'float32', [1, 256])],
      nodes: [node('Relu', ['x'], 'y')],
    });
    await writeFile(file, encodeOnnx(noPicture));
    assert.match((await assertRefused({ model: file }, 'MODEL_INPUT_UNKNOWN')).message, /x float32 \[1,256\]/);
  });
});
