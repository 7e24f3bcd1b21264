import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Detection } from '@edgeveil/contracts';
import { encodeOnnx } from '@edgeveil/onnx-graph';
import { planLetterbox } from '@edgeveil/vision';
import { type CaseOutput, type FamilyCase, rows } from '../../../packages/vision/src/testing/family-case.ts';
import { FACE_AND_PLATE_CASES, SELECTED_CASES } from '../../../packages/vision/src/testing/other-cases.ts';
import { TEXT_CASES } from '../../../packages/vision/src/testing/text-cases.ts';
import { YOLO_CASES } from '../../../packages/vision/src/testing/yolo-cases.ts';
import { Detector, sessionSpec } from './detector.ts';
import { ModelSession } from './session/model-session.ts';
import { type ConstantModelOptions, constantModel } from './testing/constant-model.ts';
import { pngWith } from './testing/test-pictures.ts';

const CASES = [...YOLO_CASES, ...FACE_AND_PLATE_CASES, ...SELECTED_CASES, ...TEXT_CASES];

function caseOf(what: string): FamilyCase {
  const found = CASES.find((each) => each.what === what);
  assert.ok(found, what);
  return found;
}

function assertFound(found: readonly Detection[] | undefined, expected: FamilyCase['found'], pixels = 1): void {
  assert.deepEqual(
    found?.map(({ label, score }) => `${label} ${score.toFixed(2)}`),
    expected.map(({ label, score }) => `${label} ${score.toFixed(2)}`),
  );
  expected.forEach(({ box }, index) => {
    const off = box.map((value, side) => Math.abs(value - (found?.[index]?.box[side] ?? Number.NaN)));
    assert.ok(Math.max(...off) <= pixels, `${found?.[index]?.box.join()} instead of ${box.join()}`);
  });
}

describe('Detector with bare models of every family', function () {
  this.timeout(60_000);
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-families-'));
  });
  after(() => rm(dir, { recursive: true }));

  async function detect(each: FamilyCase, options: ConstantModelOptions = {}): Promise<Detection[] | undefined> {
    const file = join(dir, 'some.onnx');
    await writeFile(file, encodeOnnx(constantModel(each, options)));
    // In this thread: starting a worker for each of a hundred models would take most of the time.
    const spec = await sessionSpec({ modelFile: file, description: undefined }, { model: file });
    const session = await ModelSession.open(spec);
    try {
      const { model } = session.info;
      assert.equal(model.decoder, each.decoder);
      // A picture of the input's own size, so that boxes need no scaling.
      const { width, height } = model.input;
      const memory = new SharedArrayBuffer(width * height * 3);
      const { detections } = await session.run([{ memory, plan: planLetterbox(model.input, model.input) }]);
      return detections[0];
    } finally {
      await session.close();
    }
  }

  it('finds them through the worker too', async () => {
    for (const what of ['YOLOv8 of COCO at 640', 'LPD-YuNet', 'TensorFlow object detection API']) {
      const file = join(dir, 'worker.onnx');
      await writeFile(file, encodeOnnx(constantModel(caseOf(what))));
      await using detector = await Detector.open({ model: file });
      const { width, height } = detector.model.input;
      const [found] = await detector.detect([{ bytes: await pngWith(width, height, []) }]);
      assertFound(found, caseOf(what).found);
    }
  });

  for (const each of CASES) {
    it(`finds the boxes of ${each.what}`, async () => {
      assertFound(await detect(each), each.found);
    });
  }

  for (const what of [
    'YOLOv8 at 320 with its metadata',
    'YuNet',
    'YOLOX',
    'SCRFD',
    'DETR with logits to take the sigmoid of',
    'UltraFace',
  ]) {
    it(`reads half precision, in and out: ${what}`, async () => {
      assertFound(await detect(caseOf(what), { isHalf: true }), caseOf(what).found, 2);
    });

    it(`takes a free batch and a free size: ${what}`, async () => {
      const { dims } = caseOf(what).input;
      const [, channels = 3, height = 0, width = 0] = dims;
      // The size cannot be known where it is free; the metadata of exporters names it.
      const metadata = { ...caseOf(what).metadata, imgsz: `[${height}, ${width}]` };
      const each = { ...caseOf(what), metadata };
      assertFound(
        await detect(each, { inputDims: ['batch', channels, 'height', 'width'], areOutputsOpen: true }),
        each.found,
      );
    });
  }

  it('takes a channels-last input and one without batch dimension', async () => {
    const each = caseOf('YOLOv8 at 320 with its metadata');
    assertFound(await detect(each, { inputDims: [1, 320, 320, 3] }), each.found);
    assertFound(await detect(each, { inputDims: [3, 320, 320] }), each.found);
    assertFound(await detect(each, { inputDims: [320, 320, 3], inputType: 'uint8' }), each.found);
    assertFound(await detect(each, { inputType: 'int64' }), each.found);
  });

  it('takes outputs without batch dimension', async () => {
    const isWithoutBatch = (output: CaseOutput): CaseOutput => ({ ...output, dims: output.dims.slice(1) });
    for (const what of [
      'YOLOv8 of COCO at 640',
      'YOLOX',
      'end-to-end',
      'UltraFace',
      'NanoDet',
      'YuNet',
      'DETR with logits to take the sigmoid of',
    ]) {
      const each = { ...caseOf(what), outputs: caseOf(what).outputs.map(isWithoutBatch) };
      assertFound(await detect(each), each.found);
    }
  });

  it('leaves out an output that is a sequence, and decodes the others', async () => {
    const each = caseOf('YOLOv8 at 320 with its metadata');
    assertFound(await detect(each, { hasSequence: true }), each.found);
  });

  it('says that a model with nothing but a sequence has nothing to decode', async () => {
    const each = { ...caseOf('end-to-end'), outputs: [] };
    await assert.rejects(detect(each, { hasSequence: true }), { code: 'MODEL_OUTPUT_UNKNOWN' });
  });

  it('counts each picture of a batch by itself', async () => {
    const two = { ...rows('output0', [2, 300, 6], { 0: [10, 20, 110, 220, 0.9, 0], 300: [5, 5, 55, 55, 0.8, 2] }) };
    const each: FamilyCase = {
      ...caseOf('end-to-end'),
      input: { name: 'images', dims: [2, 3, 320, 320] },
      outputs: [two],
    };
    const file = join(dir, 'two.onnx');
    await writeFile(file, encodeOnnx(constantModel(each)));
    await using detector = await Detector.open({ model: file });
    const bytes = await pngWith(320, 320, []);
    const found = await detector.detect([{ bytes }, { bytes }, { bytes }]);
    assert.deepEqual(
      found.map((list) => list.map(({ label }) => label)),
      [['person'], ['car'], ['person']],
    );
  });
});
