import assert from 'node:assert/strict';
import { ConfigError } from '@edgeveil/contracts';
import { decodeOutputs, planDecode } from './decode-outputs.ts';
import { yolov8Outputs } from './decoders/test-outputs.ts';
import { planLetterbox } from './letterbox.ts';
import { TEST_MODEL } from './test-model.ts';

// 128x64 in a centred 64x64 input: scale 0.5, 16 pixels of padding above and below.
const picture = planLetterbox({ width: 128, height: 64 }, TEST_MODEL.input);

describe('decodeOutputs', () => {
  it('gives detections in pixels of the original, best first, overlaps suppressed', () => {
    const outputs = yolov8Outputs(2, {
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
    const outputs = yolov8Outputs(2, { 1: [32, 6, 10, 10, 0.75, 0] });
    assert.deepEqual(decodeOutputs(outputs, planDecode(TEST_MODEL), [picture]), [[]]);
  });

  it('lets thresholds be overridden, per label too', () => {
    const outputs = yolov8Outputs(2, { 1: [32, 32, 20, 10, 0.5, 0], 3: [8, 24, 8, 8, 0, 0.125] });
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
