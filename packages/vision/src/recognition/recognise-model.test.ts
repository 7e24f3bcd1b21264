import assert from 'node:assert/strict';
import { ConfigError } from '@edgeveil/contracts';
import type { IoMetadata } from '../model-io.ts';
import type { ModelJson } from '../model-package.ts';
import type { ModelDescription } from './model-description.ts';
import { type RecognisedModel, recogniseModel } from './recognise-model.ts';

const FILE = { fileName: 'folder/face_model.onnx', sha256: 'ab'.repeat(32) };

function tensor(name: string, shape: readonly (number | string)[], type = 'float32'): IoMetadata {
  return { name, isTensor: true, type, shape };
}

function recognise(description: Partial<ModelDescription>, known?: ModelJson): RecognisedModel {
  const whole = { inputs: [tensor('images', [1, 3, 640, 640])], outputs: [], ...description };
  return recogniseModel(whole, FILE, known === undefined ? {} : { known });
}

function assertUnknown(description: Partial<ModelDescription>, code: string, found: RegExp): void {
  assert.throws(
    () => recognise(description),
    (error) => error instanceof ConfigError && error.code === code && found.test(String(error.details.found)),
  );
}

describe('recogniseModel', () => {
  it('names the model after its file and gives it a version of its own', () => {
    const { model } = recognise({ outputs: [tensor('output0', [1, 84, 8400])] });
    assert.deepEqual([model.name, model.version, model.licence], ['face_model', 'abababababab', 'unknown']);
  });

  it('gives a model that reads lines of any length its usual size and the characters beside it, spaces added', () => {
    const { model, missing } = recognise({
      inputs: [tensor('x', ['n', 3, 48, 'w'])],
      outputs: [tensor('softmax', ['n', 't', 7])],
      labelFiles: [{ name: 'dict.txt', labels: ['A', 'B', '#', 'Z'] }],
    });
    assert.deepEqual([model.task, model.decoder, model.input.width, model.input.height], ['text', 'ctc', 320, 48]);
    assert.deepEqual(model.labels, ['A', 'B', '#', 'Z', ' ', '  2']);
    assert.deepEqual([model.input.channels, model.input.resize, model.input.anchor], ['bgr', 'letterbox', 'top-left']);
    assert.ok(missing.every((each) => !each.startsWith('labels')));
  });

  it('takes an alphabet that stands in one line', () => {
    const { model } = recognise({
      inputs: [tensor('input', ['n', 70, 140, 1], 'uint8')],
      outputs: [tensor('plate', ['n', 7 * 6])],
      labelFiles: [{ name: 'labels.txt', labels: ['01ABC_'] }],
    });
    assert.deepEqual([model.decoder, model.labels.join('')], ['plate-slots', '01ABC_']);
  });

  it('says how many characters are missing when nobody names them', () => {
    const { model, missing } = recognise({
      inputs: [tensor('x', [1, 3, 32, 128])],
      outputs: [tensor('logits', [1, 32, 95])],
    });
    assert.deepEqual([model.decoder, model.labels.length], ['ctc', 94]);
    assert.ok(missing.some((each) => /^labels: .*94 lines/.test(each)));
  });

  it('takes licence, version and size from the metadata', () => {
    const { model } = recognise({
      inputs: [tensor('images', ['batch', 3, 'height', 'width'])],
      outputs: [tensor('output0', ['batch', 84, 'anchors'])],
      metadata: { license: 'AGPL-3.0', version: '8.3.1', imgsz: '[480, 832]' },
    });
    assert.deepEqual([model.licence, model.version], ['AGPL-3.0', '8.3.1']);
    assert.deepEqual([model.input.height, model.input.width], [480, 832]);
  });

  it('takes one channel for grey, but not where a colour picture is beside it', () => {
    const outputs = [tensor('output0', [1, 84, 8400])];
    const grey = tensor('x', [1, 1, 640, 640]);
    assert.equal(recognise({ inputs: [grey], outputs }).model.input.channels, 'grey');
    assert.equal(recognise({ inputs: [tensor('x', [1, 640, 640, 1])], outputs }).model.input.layout, 'nhwc');
    assertUnknown({ inputs: [grey, tensor('images', [1, 3, 640, 640])], outputs }, 'MODEL_INPUT_UNKNOWN', /^x /);
  });

  it('says that the size is assumed where any is taken and none is named', () => {
    const free = { inputs: [tensor('images', [1, 3, 'h', 'w'])], outputs: [tensor('output0', [1, 84, 8400])] };
    const isSizeMissing = (model: RecognisedModel): boolean => model.missing.some((each) => /any size/.test(each));
    assert.equal(isSizeMissing(recognise(free)), true);
    assert.equal(isSizeMissing(recognise({ ...free, metadata: { imgsz: '[640, 640]' } })), false);
    assert.equal(isSizeMissing(recognise(free, { input: { width: 640, height: 640 } })), false);
  });

  it('prefers labels beside the file, if there are as many as classes', () => {
    const outputs = [tensor('output0', [1, 6, 8400])];
    const metadata = { names: "{0: 'a', 1: 'b'}" };
    const labelFiles = [
      { name: 'other.labels.txt', labels: ['x', 'y', 'z'] },
      { name: 'labels.txt', labels: ['cat', 'dog'] },
    ];
    assert.deepEqual(recognise({ outputs, metadata, labelFiles }).model.labels, ['cat', 'dog']);
    assert.deepEqual(recognise({ outputs, metadata, labelFiles: labelFiles.slice(0, 1) }).model.labels, ['a', 'b']);
  });

  it('says what is missing when classes have only numbers', () => {
    const { model, missing } = recognise({ outputs: [tensor('output0', [1, 6, 8400])] });
    assert.deepEqual(model.labels, ['class0', 'class1']);
    assert.ok(missing.some((each) => /labels\.txt with 2 lines/.test(each)));
  });

  it('takes the word for its one class from the name of the file', () => {
    assert.deepEqual(recognise({ outputs: [tensor('output', [1, 8400, 6])] }).model.labels, ['face']);
  });

  it('lets what is given come before what is worked out', () => {
    const { model } = recognise(
      { outputs: [tensor('output0', [1, 6, 8400])] },
      { name: 'yard', labels: ['red', 'blue'], input: { channels: 'bgr' }, thresholds: { score: 0.6 } },
    );
    assert.deepEqual([model.name, model.labels], ['yard', ['red', 'blue']]);
    assert.deepEqual([model.input.channels, model.input.scale], ['bgr', 1 / 255]);
    assert.deepEqual([model.thresholds.score, model.thresholds.nms], [0.6, 0.45]);
  });

  it('goes by the labels that are given where shapes fit two families', () => {
    const outputs = [tensor('output', [1, 8400, 6])];
    assert.equal(recognise({ outputs }, { labels: ['one'] }).model.decoder, 'yolox');
    assert.equal(recognise({ outputs }, { labels: ['one', 'two'] }).model.decoder, 'yolov8');
    assert.equal(recognise({ outputs }, { decoder: 'yolov8', labels: ['one', 'two'] }).model.decoder, 'yolov8');
  });

  it('feeds whole numbers as they are, whatever the family wants of floats', () => {
    const { model } = recognise({
      inputs: [tensor('images', [1, 640, 640, 3], 'uint8')],
      outputs: [tensor('output0', [1, 84, 8400])],
    });
    assert.deepEqual([model.input.layout, model.input.type, model.input.scale], ['nhwc', 'uint8', 1]);
  });

  it('runs one picture at a time where an output is for one', () => {
    const inputs = [tensor('images', ['batch', 3, 640, 640])];
    assert.equal(recognise({ inputs, outputs: [tensor('output0', ['batch', 84, 8400])] }).model.input.batch, undefined);
    assert.equal(recognise({ inputs, outputs: [tensor('output0', [1, 84, 8400])] }).model.input.batch, 1);
    assert.equal(recognise({ inputs, outputs: [tensor('output', ['finds', 7])] }).model.input.batch, 1);
  });

  it('leaves out an output that is no tensor, and says so', () => {
    const outputs = [tensor('output0', [1, 84, 8400]), { name: 'loss', isTensor: false, kind: 'sequence' }];
    const { model, skipped } = recognise({ outputs });
    assert.equal(model.decoder, 'yolov8');
    assert.match(skipped.join(), /loss: a sequence is not a tensor/);
  });

  it('says what it found when it knows no such outputs', () => {
    const outputs: Readonly<Record<string, readonly IoMetadata[]>> = {
      'a map of features': [tensor('features', [1, 256, 80, 80])],
      'two heads': [tensor('features', [1, 84, 8400]), tensor('more', [1, 20, 8400])],
      nothing: [{ name: 'features', isTensor: false, kind: 'map' }],
    };
    for (const each of Object.values(outputs)) {
      assertUnknown({ outputs: each }, 'MODEL_OUTPUT_UNKNOWN', /features/);
    }
  });

  it('says so when no input takes one picture', () => {
    const output = [tensor('output0', [1, 84, 8400])];
    for (const inputs of [
      [tensor('x', [1, 256])],
      [tensor('x', [1, 2, 64, 64])],
      [tensor('x', [1, 3, 100_000, 100_000])],
      [tensor('x', [1, 3, 64, 64]), tensor('y', [1, 3, 64, 64])],
      [tensor('x', [1, 3, 64, 64], 'string')],
      [],
    ]) {
      assertUnknown({ inputs, outputs: output }, 'MODEL_INPUT_UNKNOWN', /x|no input/);
    }
    const inputs = [tensor('images', [1, 3, 640, 640]), tensor('prompt', [1, 77], 'int64')];
    assertUnknown({ inputs, outputs: output }, 'MODEL_INPUT_UNKNOWN', /prompt/);
  });
});
