import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { policySchema, type Receipt, receiptSchema } from '@edgeveil/contracts';
import { type Cascade, chainModels } from '@edgeveil/inference';
import { probePicture } from '@edgeveil/picture-codec';
import { redactPicture } from '@edgeveil/redact';
import { readPhotoTruth } from '../../modules/inference/src/testing/photo-truth.ts';
import { testData } from '../test-data.ts';

const POLICY = policySchema.parse({ labels: ['face'] });

/** As inference and redact do it, without the stores between them. */
async function redactOne(cascade: Cascade, bytes: Buffer): Promise<Receipt> {
  const { width, height } = await probePicture(bytes);
  const {
    detections: [detections = []],
    stages = [],
  } = await cascade.detect([{ bytes }]);
  const { receipt } = await redactPicture({
    bytes,
    frame: {
      id: `${'0'.repeat(9)}-${'a'.repeat(24)}`,
      source: 'photos',
      guarantee: 'guaranteed',
      capturedAt: '2026-01-31T10:00:00.000Z',
      width,
      height,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    },
    model: cascade.identity,
    labels: cascade.labels,
    detections,
    stages,
    policy: POLICY,
    jpegQuality: 80,
  });
  assert.ok(
    detections.some(({ embeddings = [] }) => embeddings.length > 0) ||
      detections.every((each) => each.label !== 'person'),
  );
  return receiptSchema.parse(receipt);
}

describe('redaction of what a cascade finds', function () {
  this.timeout(180_000);

  it('hides the faces of real photos with a model that knows only persons and one that looks at them', async function () {
    const folder = testData(this, 'photos');
    const truth = await readPhotoTruth(join(folder, 'coco_gt.json'), 'labelled');
    await using cascade = await chainModels({
      model: testData(this, 'models/yolox_nano.onnx'),
      chained: [
        { model: testData(this, 'models/yunet_n_320.onnx'), labels: ['person'] },
        { model: testData(this, 'models/person_reid_0288.onnx'), labels: ['person'] },
      ],
    });
    let faces = 0;
    let hidden = 0;
    for (const { file, persons } of truth.slice(0, 30)) {
      const receipt = await redactOne(cascade, await readFile(join(folder, file)));
      const isMasked = ([x, y]: readonly [number, number]): boolean =>
        receipt.masked.some(({ box: [left, top, w, h] }) => x >= left && x <= left + w && y >= top && y <= top + h);
      for (const { face } of persons) {
        faces += face === undefined ? 0 : 1;
        hidden += face !== undefined && isMasked(face.nose) ? 1 : 0;
      }
      assert.equal(receipt.schemaVersion, '1.1');
      assert.deepEqual(
        receipt.stages?.map(({ model }) => model.name),
        ['yunet_n_320'],
      );
      assert.ok(!JSON.stringify(receipt).includes('embeddings'));
    }
    // Measured: 53 of 57.
    assert.ok(faces >= 30 && hidden / faces >= 0.9, `${hidden} of ${faces}`);
  });
});
