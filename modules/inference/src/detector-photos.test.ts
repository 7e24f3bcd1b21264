import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Detection } from '@edgeveil/contracts';
import type { Context } from 'mocha';
import { testData } from '../../../test/test-data.ts';
import { Detector, type PictureBytes } from './detector.ts';
import { averagePrecision, type PhotoTruth, readPhotoTruth, shareOfFaces } from './testing/photo-truth.ts';

/** How far a rate may be from the published one. */
const TOLERANCE = 0.02;

interface Photos {
  readonly truth: readonly PhotoTruth[];
  readonly pictures: readonly PictureBytes[];
}
const loaded = new Map<string, Photos>();

async function photosOf(context: Context, which: 'labelled' | 'empty'): Promise<Photos> {
  const present = loaded.get(which);
  if (present !== undefined) {
    return present;
  }
  const folder = testData(context, 'photos');
  const truth = await readPhotoTruth(testData(context, 'photos/coco_gt.json'), which);
  const pictures = await Promise.all(truth.map(async ({ file }) => ({ bytes: await readFile(join(folder, file)) })));
  loaded.set(which, { truth, pictures });
  return { truth, pictures };
}

/** Detections of a bare model file in all photos with labelled persons, or in those with nobody in them. */
async function detectPhotos(
  context: Context,
  model: string,
  { which = 'labelled', score }: { readonly which?: 'labelled' | 'empty'; readonly score?: number } = {},
): Promise<{ readonly truth: readonly PhotoTruth[]; readonly found: readonly Detection[][] }> {
  const { truth, pictures } = await photosOf(context, which);
  await using detector = await Detector.open({
    model: testData(context, `models/${model}.onnx`),
    ...(score === undefined ? {} : { scoreThreshold: score }),
  });
  return { truth, found: await detector.detect(pictures) };
}

async function bestLabel(context: Context, model: string, picture: string): Promise<string | undefined> {
  await using detector = await Detector.open({ model: testData(context, `models/${model}.onnx`) });
  const [found] = await detector.detect([{ bytes: await readFile(testData(context, `photos/${picture}`)) }]);
  return found?.[0]?.label;
}

describe('Detector with bare models on real photos', function () {
  this.timeout(120_000);

  for (const { model, large, small } of [
    { model: 'ultraface_rfb320', large: 0.849, small: 0.535 },
    { model: 'ultraface_rfb320_nopp', large: 0.849, small: 0.535 },
    { model: 'yunet_n_320', large: 0.93, small: 0.558 },
    { model: 'yunet_n_640', large: 1, small: 0.93 },
    // Free batch and size: really batched, at 640.
    { model: 'yunet_n_dynamic', large: 1, small: 0.93 },
  ]) {
    it(`finds faces with ${model} as often as published`, async function () {
      const { truth, found } = await detectPhotos(this, model);
      assert.ok(truth.length > 60, `only ${truth.length} photos`);
      const shares = shareOfFaces(truth, found);
      assert.ok(shares.large >= large - TOLERANCE, `large ${shares.large}`);
      assert.ok(shares.small >= small - TOLERANCE, `small ${shares.small}`);
    });
  }

  // Average precision counts weak finds too, so the threshold is low. The derived models select a hundred finds in the graph.
  for (const { model, precision } of [
    { model: 'yolox_nano', precision: 0.783 },
    { model: 'nanodet_m_320', precision: 0.749 },
    { model: 'light_person', precision: 0.626 },
    { model: 'derived_yolox_nano_e2e', precision: 0.74 },
    { model: 'derived_yolox_nano_tfod', precision: 0.74 },
    { model: 'derived_yolox_nano_cvs1', precision: 0.72 },
    { model: 'derived_yolox_nano_detr', precision: 0.72 },
  ]) {
    it(`finds persons with ${model} as precisely as published`, async function () {
      const { truth, found } = await detectPhotos(this, model, { score: 0.01 });
      const reached = averagePrecision(truth, found);
      assert.ok(reached >= precision - TOLERANCE, `average precision ${reached}`);
    });
  }

  it('finds hardly anybody in pictures with nobody in them', async function () {
    const { truth, found } = await detectPhotos(this, 'yolox_nano', { which: 'empty' });
    assert.ok(truth.length > 20);
    const persons = found.flat().filter(({ label }) => label === 'person');
    assert.ok(persons.length <= 1, `${persons.length} persons in ${truth.length} empty pictures`);
  });

  it('classifies a cat with every classifier, whatever its input and labels', async function () {
    assert.equal(await bestLabel(this, 'customvision_cat_dog_probs', 'neg_cat.jpg'), 'cat');
    // Its scores are a sequence, which the runtime cannot give; the name of the class is a text.
    assert.equal(await bestLabel(this, 'customvision_cat_dog', 'neg_cat.jpg'), 'cat');
    assert.match((await bestLabel(this, 'mobilenet_v2', 'neg_cat.jpg')) ?? '', /cat/);
    // Half precision, without labels: 281 to 285 are the cats of ImageNet.
    assert.match((await bestLabel(this, 'squeezenet_fp16', 'neg_cat.jpg')) ?? '', /^class28[1-5]$/);
  });

  it('gives features that are alike for the same thing', async function () {
    await using detector = await Detector.open({ model: testData(this, 'models/person_reid_0288.onnx') });
    assert.equal(detector.model.task, 'embedding');
    const photo = async (name: string) => ({ bytes: await readFile(testData(this, `photos/${name}`)) });
    const [hopper, again, squat] = await detector.embed([
      await photo('face_grace_hopper.png'),
      await photo('face_grace_hopper.png'),
      await photo('people_squat.png'),
    ]);
    assert.ok(hopper !== undefined && again !== undefined && squat !== undefined);
    assert.equal(hopper.length, 256);
    assert.ok(cosine(hopper, again) > 0.999);
    assert.ok(cosine(hopper, squat) < 0.9, `${cosine(hopper, squat)}`);
  });

  it('gives features beside classes where a model has both', async function () {
    await using detector = await Detector.open({ model: testData(this, 'models/mobilenet_v2.onnx') });
    const bytes = await readFile(testData(this, 'photos/neg_cat.jpg'));
    const [features] = await detector.embed([{ bytes }]);
    assert.equal(features?.length, 1280);
  });
});

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array): number =>
    x.reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
