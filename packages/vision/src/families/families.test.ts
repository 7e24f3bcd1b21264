import assert from 'node:assert/strict';
import type { Detection } from '@edgeveil/contracts';
import { decodeOutputs, planDecode } from '../decode-outputs.ts';
import type { Outputs } from '../decoders/output-tensor.ts';
import { planLetterbox } from '../letterbox.ts';
import { decoderNameSchema } from '../model-package.ts';
import type { ModelDescription } from '../recognition/model-description.ts';
import { recogniseModel } from '../recognition/recognise-model.ts';
import type { CaseOutput, FamilyCase } from '../testing/family-case.ts';
import { LOOK_ALIKE_CASES } from '../testing/look-alike-cases.ts';
import { FACE_AND_PLATE_CASES, SELECTED_CASES } from '../testing/other-cases.ts';
import { TEXT_CASES } from '../testing/text-cases.ts';
import { YOLO_CASES } from '../testing/yolo-cases.ts';
import { FAMILIES } from './family-table.ts';

const CASES = [...YOLO_CASES, ...FACE_AND_PLATE_CASES, ...SELECTED_CASES, ...LOOK_ALIKE_CASES, ...TEXT_CASES];
const FILE = { fileName: 'some.onnx', sha256: 'ab'.repeat(32) };

function descriptionOf(each: FamilyCase, outputs: readonly CaseOutput[], isSampled: boolean): ModelDescription {
  const input = {
    name: each.input.name ?? 'x',
    isTensor: true,
    type: each.input.type ?? 'float32',
    shape: each.input.dims,
  };
  return {
    inputs: [
      input,
      ...(each.others ?? []).map(({ name, type, dims }) => ({ name, isTensor: true, type, shape: dims })),
    ],
    outputs: outputs.map(({ name, dims, type = 'float32' }) => ({ name, isTensor: true, type, shape: dims })),
    metadata: each.metadata ?? {},
    ...(isSampled ? { sample: tensorsOf(outputs) } : {}),
  };
}

function tensorsOf(outputs: readonly CaseOutput[]): Outputs {
  return Object.fromEntries(outputs.map(({ name, dims, values }) => [name, { dims, data: values }]));
}

function detect(each: FamilyCase, outputs: readonly CaseOutput[]): Detection[] {
  const { model } = recogniseModel(descriptionOf(each, outputs, true), FILE);
  const picture = planLetterbox(model.input, model.input);
  return decodeOutputs(tensorsOf(outputs), planDecode(model), [picture])[0] ?? [];
}

function assertFound(found: readonly Detection[], expected: FamilyCase['found']): void {
  const text = (all: FamilyCase['found']): string[] =>
    all.map(
      ({ label, score, box }) => `${label} ${score.toFixed(2)} ${box.map((value) => value.toFixed(1)).join(' ')}`,
    );
  assert.deepEqual(text(found), text(expected));
}

describe('families', () => {
  it('are those that model.json can name', () => {
    assert.deepEqual(FAMILIES.map(({ decoder }) => decoder).toSorted(), decoderNameSchema.options.toSorted());
  });

  for (const each of CASES) {
    it(`takes ${each.what} for what it is, and finds its boxes`, () => {
      const recognised = recogniseModel(descriptionOf(each, each.outputs, true), FILE);
      assert.equal(recognised.model.decoder, each.decoder, recognised.reasons.join('; '));
      assert.ok(recognised.reasons.length >= 2);
      assertFound(detect(each, each.outputs), each.found);
    });

    it(`does so whatever the order of the outputs: ${each.what}`, () => {
      // CenterFace alone tells two maps of the same shape apart by their order.
      const outputs =
        each.decoder === 'centerface'
          ? [3, 1, 0, 2].flatMap((index) => each.outputs[index] ?? [])
          : each.outputs.toReversed();
      assertFound(detect(each, outputs), each.found);
    });
  }

  // These two are told from their twins by the numbers alone.
  const needsSample = new Set(['yolox-decoded', 'ultraface-raw']);
  for (const each of CASES.filter(({ decoder }) => !needsSample.has(decoder))) {
    it(`recognises ${each.what} by names and shapes alone`, () => {
      assert.equal(recogniseModel(descriptionOf(each, each.outputs, false), FILE).model.decoder, each.decoder);
    });
  }
});
