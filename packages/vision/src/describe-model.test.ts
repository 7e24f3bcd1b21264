import assert from 'node:assert/strict';
import { ConfigError } from '@edgeveil/contracts';
import { YUNET_OUTPUTS } from './decoders/yunet.ts';
import { describeModel } from './describe-model.ts';
import { gridOf } from './grid.ts';
import { checkModelIo, type IoMetadata, type ModelIo } from './model-io.ts';
import { modelPackageSchema } from './model-package.ts';

const file = { fileName: 'folder/some_model.onnx', sha256: 'ab'.repeat(32) };

function tensor(name: string, shape: (number | string)[], type = 'float32'): IoMetadata {
  return { name, isTensor: true, type, shape };
}

function singleOutput(input: (number | string)[], output: (number | string)[]): ModelIo {
  return { inputs: [tensor('images', input)], outputs: [tensor('output', output)] };
}

function yunet(input: (number | string)[], cells: (stride: number) => number | string): ModelIo {
  return {
    inputs: [tensor('input', input)],
    outputs: YUNET_OUTPUTS.map(({ name, stride, width }) => tensor(name, [1, cells(stride), width])),
  };
}

describe('describeModel', () => {
  it('recognises YOLOv8 with its labels and normalisation', () => {
    const model = describeModel(singleOutput([1, 3, 640, 640], [1, 84, 8400]), file);
    assert.equal(model.decoder, 'yolov8');
    assert.equal(model.name, 'some_model');
    assert.equal(model.labels.length, 80);
    assert.deepEqual([model.labels[0], model.labels[9], model.labels[79]], ['person', 'traffic light', 'toothbrush']);
    assert.deepEqual([model.input.channels, model.input.scale, model.input.anchor], ['rgb', 1 / 255, 'centre']);
  });

  it('recognises YOLOv8 with free batch and size', () => {
    const model = describeModel(singleOutput(['batch', 3, 'height', 'width'], ['batch', 9, 'anchors']), file);
    assert.deepEqual([model.decoder, model.input.width, model.input.height], ['yolov8', 640, 640]);
    assert.deepEqual(model.labels, ['class0', 'class1', 'class2', 'class3', 'class4']);
  });

  it('recognises YOLOX by its number of cells', () => {
    const model = describeModel(singleOutput([1, 3, 416, 416], [1, 3549, 85]), file);
    assert.deepEqual([model.decoder, model.input.channels, model.input.scale], ['yolox', 'bgr', 1]);
    assert.deepEqual([model.input.anchor, model.input.pad], ['top-left', 114]);
    assert.deepEqual(describeModel(singleOutput([1, 3, 192, 192], [1, 756, 6]), file).labels, ['class0']);
  });

  it('recognises YuNet of fixed and of free size', () => {
    const fixed = describeModel(
      yunet([1, 3, 320, 320], (stride) => gridOf({ width: 320, height: 320 }, stride).cells),
      file,
    );
    assert.deepEqual([fixed.decoder, fixed.labels, fixed.input.width, fixed.input.pad], ['yunet', ['face'], 320, 0]);
    const free = describeModel(
      yunet(['batch', 3, 'height', 'width'], () => 'dim'),
      file,
    );
    assert.deepEqual([free.decoder, free.input.width], ['yunet', 640]);
  });

  it('gives packages that the schema takes and that fit the model', () => {
    for (const io of [
      singleOutput([1, 3, 640, 640], [1, 84, 8400]),
      singleOutput([1, 3, 416, 416], [1, 3549, 85]),
      yunet(['', 3, '', ''], () => ''),
    ]) {
      const model = modelPackageSchema.parse(describeModel(io, file));
      checkModelIo(model, io);
    }
  });

  const unknown: Readonly<Record<string, ModelIo>> = {
    'a YOLOv5 head': singleOutput([1, 3, 640, 640], [1, 25_200, 85]),
    'a YOLOv5 head of free size': singleOutput(['b', 3, 'h', 'w'], ['b', 'n', 85]),
    'an end-to-end head': singleOutput([1, 3, 416, 416], [1, 300, 6]),
    'a classifier': singleOutput([1, 3, 224, 224], [1, 1000]),
    'a segmentation head': {
      inputs: [tensor('images', [1, 3, 640, 640])],
      outputs: [tensor('output0', [1, 116, 8400]), tensor('output1', [1, 32, 160, 160])],
    },
    'an output that is no tensor': {
      inputs: [tensor('data', [1, 3, 224, 224])],
      outputs: [{ name: 'loss', isTensor: false }],
    },
    'a YuNet of another size': yunet([1, 3, 640, 640], (stride) => gridOf({ width: 320, height: 320 }, stride).cells),
  };
  for (const [what, io] of Object.entries(unknown)) {
    it(`says what it expected and found for ${what}`, () => {
      assert.throws(
        () => describeModel(io, file),
        (error) =>
          error instanceof ConfigError &&
          error.code === 'MODEL_OUTPUT_UNKNOWN' &&
          typeof error.details.expected === 'string' &&
          String(error.details.found).includes(io.outputs[0]?.name ?? '?'),
      );
    });
  }

  it('says so when the input is not one float picture', () => {
    for (const input of [
      tensor('x', [1, 416, 416, 3]),
      tensor('x', [1, 3, 416, 416], 'uint8'),
      tensor('x', [1, 256]),
    ]) {
      assert.throws(
        () => describeModel({ inputs: [input], outputs: [tensor('output', [1, 3549, 85])] }, file),
        (error) => error instanceof ConfigError && error.code === 'MODEL_INPUT_UNKNOWN',
      );
    }
  });
});
