import assert from 'node:assert/strict';
import { ConfigError } from '@edgeveil/contracts';
import { decodeOutputs, planDecode } from './decode-outputs.ts';
import type { Outputs } from './decoders/output-tensor.ts';
import { planLetterbox } from './letterbox.ts';
import { TEST_MODEL } from './test-model.ts';

// 128x64 in a centred 64x64 input: scale 0.5, 16 pixels of padding above and below.
const picture = planLetterbox({ width: 128, height: 64 }, TEST_MODEL.input);
const CELLS = 84;

/** A YOLOv8 output of two labels with these cells set in the last picture of the batch: box, then scores. */
function yolov8Outputs(cells: Readonly<Record<number, readonly number[]>>, batch = 1): Outputs {
  const data = new Float32Array(batch * 6 * CELLS);
  for (const [cell, values] of Object.entries(cells)) {
    values.forEach((value, row) => {
      data[((batch - 1) * 6 + row) * CELLS + Number(cell)] = value;
    });
  }
  return { output0: { dims: [batch, 6, CELLS], data } };
}

describe('decodeOutputs', () => {
  it('gives detections in pixels of the original, best first, overlaps suppressed', () => {
    const outputs = yolov8Outputs({
      1: [32, 32, 20, 10, 0.5, 0],
      2: [33, 32, 20, 10, 0.75, 0],
      3: [8, 24, 8, 8, 0, 0.875],
    });
    assert.deepEqual(decodeOutputs(outputs, planDecode(TEST_MODEL), [picture]), [
      [
        { label: 'face', score: 0.875, box: [8, 8, 16, 16] },
        { label: 'person', score: 0.75, box: [46, 22, 40, 20] },
      ],
    ]);
  });

  it('drops what lies in the padding', () => {
    const outputs = yolov8Outputs({ 1: [32, 6, 10, 10, 0.75, 0] });
    assert.deepEqual(decodeOutputs(outputs, planDecode(TEST_MODEL), [picture]), [[]]);
  });

  it('takes its picture of a batch', () => {
    const outputs = yolov8Outputs({ 1: [32, 32, 20, 10, 0.75, 0] }, 2);
    const found = decodeOutputs(outputs, planDecode(TEST_MODEL), [picture, picture]);
    assert.deepEqual(
      found.map(({ length }) => length),
      [0, 1],
    );
  });

  it('reports a label with its own threshold beside a better one', () => {
    const outputs = yolov8Outputs({ 1: [32, 32, 20, 10, 0.75, 0.125] });
    const [found] = decodeOutputs(outputs, planDecode(TEST_MODEL), [picture]);
    assert.deepEqual(
      found?.map(({ label }) => label),
      ['person', 'face'],
    );
  });

  it('drops scores and boxes that are not numbers, and cuts scores to 1', () => {
    const nan = Number.NaN;
    const outputs = yolov8Outputs({
      1: [32, 32, 20, 10, nan, nan],
      2: [nan, 32, 20, 10, 0.75, 0],
      3: [32, 32, 20, 10, 1.5, 0],
    });
    const [found] = decodeOutputs(outputs, planDecode(TEST_MODEL), [picture]);
    assert.deepEqual(
      found?.map(({ score }) => score),
      [1],
    );
  });

  it('reads half precision and whole numbers', () => {
    // 1, 0.5, -2, 65504, the smallest, infinity: values of IEEE 754.
    const halves = new Uint16Array(6 * CELLS);
    // 32, 32, 20, 10 and 0.75 in cell 0.
    [0x5000, 0x5000, 0x4d00, 0x4900, 0x3a00].forEach((bits, row) => {
      halves[row * CELLS] = bits;
    });
    const outputs = { output0: { dims: [1, 6, CELLS], data: halves, type: 'float16' } };
    assert.deepEqual(decodeOutputs(outputs, planDecode(TEST_MODEL), [picture]), [
      [{ label: 'person', score: 0.75, box: [44, 22, 40, 20] }],
    ]);
    const whole = { output0: { dims: [1, 6, CELLS], data: new BigInt64Array(6 * CELLS) } };
    assert.deepEqual(decodeOutputs(whole, planDecode(TEST_MODEL), [picture]), [[]]);
  });

  it('names expected and found shapes of outputs that are not its own', () => {
    const wrong: readonly Outputs[] = [
      { output0: { dims: [1, 5, CELLS], data: new Float32Array(5 * CELLS) } },
      { output0: { dims: [1, 6, CELLS], data: new Float32Array(10) } },
      { output0: { dims: [1, 7], data: new Float32Array(7) } },
      {},
    ];
    for (const outputs of wrong) {
      assert.throws(
        () => decodeOutputs(outputs, planDecode(TEST_MODEL), [picture]),
        (error) =>
          error instanceof ConfigError &&
          error.code === 'MODEL_OUTPUT_SHAPE' &&
          typeof error.details.expected === 'string' &&
          typeof error.details.found === 'string',
      );
    }
  });

  it('refuses outputs that do not tell the pictures of a batch apart', () => {
    const outputs = { output0: { dims: [6, CELLS], data: new Float32Array(6 * CELLS) } };
    assert.throws(
      () => decodeOutputs(outputs, planDecode(TEST_MODEL), [picture, picture]),
      (error) => error instanceof ConfigError && error.code === 'MODEL_OUTPUT_SHAPE',
    );
  });

  it('lets thresholds be overridden, per label too', () => {
    const outputs = yolov8Outputs({ 1: [32, 32, 20, 10, 0.5, 0], 3: [8, 24, 8, 8, 0, 0.125] });
    const count = (overrides: Parameters<typeof planDecode>[1]): number | undefined =>
      decodeOutputs(outputs, planDecode(TEST_MODEL, overrides), [picture])[0]?.length;
    assert.equal(count({}), 2);
    assert.equal(count({ score: 0.75 }), 1);
    assert.equal(count({ perLabel: { face: 0.25 } }), 1);
  });

  it('refuses a threshold for a label that the model does not have', () => {
    assert.throws(
      () => planDecode(TEST_MODEL, { perLabel: { fase: 0.1 } }),
      (error) => error instanceof ConfigError && error.code === 'MODEL_LABEL_UNKNOWN' && error.details.found === 'fase',
    );
  });
});
