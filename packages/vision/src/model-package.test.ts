import assert from 'node:assert/strict';
import { wholePackage } from './complete-package.ts';
import { modelJsonSchema, modelPackageSchema } from './model-package.ts';
import { TEST_MODEL } from './test-model.ts';

describe('modelPackageSchema', () => {
  it('takes a full model.json and keeps it', () => {
    assert.deepEqual(modelPackageSchema.parse(JSON.parse(JSON.stringify(TEST_MODEL))), TEST_MODEL);
  });

  const wrong: Readonly<Record<string, unknown>> = {
    'a misspelt field': { ...TEST_MODEL, treshold: 1 },
    'labels that repeat': { ...TEST_MODEL, labels: ['face', 'face'] },
    'a threshold for a label that is not there': { ...TEST_MODEL, labels: ['person', 'plate'] },
    'a size that no picture has': { ...TEST_MODEL, input: { ...TEST_MODEL.input, width: 4 } },
    'a standard deviation of 0': { ...TEST_MODEL, input: { ...TEST_MODEL.input, std: [1, 0, 1] } },
    'two labels for yunet': { ...TEST_MODEL, decoder: 'yunet' },
    'an unknown decoder': { ...TEST_MODEL, decoder: 'yolov4' },
    'a hash in capitals': { ...TEST_MODEL, sha256: 'A'.repeat(64) },
  };
  for (const [what, value] of Object.entries(wrong)) {
    it(`refuses ${what}`, () => {
      assert.equal(modelPackageSchema.safeParse(value).success, false);
    });
  }
});

describe('modelJsonSchema', () => {
  it('takes any part of a model.json, and refuses what is misspelt', () => {
    for (const part of [
      {},
      { labels: ['cat', 'dog'] },
      { input: { channels: 'bgr' } },
      { thresholds: { score: 0.4 } },
    ]) {
      assert.deepEqual(modelJsonSchema.parse(part), part);
    }
    assert.equal(modelJsonSchema.safeParse({ label: ['cat'] }).success, false);
    assert.equal(modelJsonSchema.safeParse({ thresholds: { scores: 0.4 } }).success, false);
  });

  it('is whole when nothing is left out that has no default', () => {
    assert.deepEqual(wholePackage(TEST_MODEL), TEST_MODEL);
    assert.equal(wholePackage({ ...TEST_MODEL, labels: undefined }), undefined);
    assert.equal(wholePackage(undefined), undefined);
  });
});
