import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Detection } from '@edgeveil/contracts';
import { iou } from '@edgeveil/vision';
import type { Context } from 'mocha';
import { z } from 'zod';
import { testData } from '../../../test/test-data.ts';
import { Detector } from './detector.ts';

const pointSchema = z.tuple([z.number(), z.number(), z.number()]);
const truthSchema = z.object({
  clean_negatives: z.array(z.string()),
  images: z.record(
    z.string(),
    z.object({
      file: z.string(),
      labelled: z.boolean(),
      persons: z.array(
        z.object({
          box: z.tuple([z.number(), z.number(), z.number(), z.number()]),
          head: z.object({ nose: pointSchema.optional(), leye: pointSchema.optional(), reye: pointSchema.optional() }),
        }),
      ),
    }),
  ),
});
type Person = z.infer<typeof truthSchema>['images'][string]['persons'][number];

interface Photo {
  readonly persons: readonly Person[];
  readonly found: readonly Detection[];
}

/** Detections of a model in all photos with labelled persons, or in those with nobody in them. */
async function detectPhotos(
  context: Context,
  model: string,
  which: 'labelled' | 'empty' = 'labelled',
): Promise<Photo[]> {
  const folder = testData(context, 'photos');
  const truth = truthSchema.parse(JSON.parse(await readFile(testData(context, 'photos/coco_gt.json'), 'utf8')));
  await using detector = await Detector.open({ model: testData(context, `models/${model}.onnx`) });
  const wanted = Object.entries(truth.images)
    .filter(([id, { labelled }]) => (which === 'labelled' ? labelled : truth.clean_negatives.includes(id)))
    .map(([, image]) => image);
  const pictures = await Promise.all(wanted.map(async ({ file }) => ({ bytes: await readFile(join(folder, file)) })));
  const found = await detector.detect(pictures);
  return wanted.map(({ persons }, index) => ({ persons, found: found[index] ?? [] }));
}

/** Distance of the eyes in pixels, 0 where one of them is not labelled. */
function eyeDistance({ head: { leye, reye } }: Person): number {
  return leye === undefined || reye === undefined ? 0 : Math.hypot(leye[0] - reye[0], leye[1] - reye[1]);
}

/** Share of labelled noses that lie in a found box, of faces whose eye distance is in the range. */
function shareOfNoses(photos: readonly Photo[], least: number, below: number): number {
  const isInside = photos.flatMap(({ persons, found }) =>
    persons
      .filter((person) => eyeDistance(person) >= least && eyeDistance(person) < below)
      .flatMap(({ head: { nose } }) =>
        nose === undefined
          ? []
          : [
              found.some(
                ({ box: [x, y, width, height] }) =>
                  nose[0] >= x && nose[0] <= x + width && nose[1] >= y && nose[1] <= y + height,
              ),
            ],
      ),
  );
  assert.ok(isInside.length > 30, `only ${isInside.length} noses to look for`);
  return isInside.filter(Boolean).length / isInside.length;
}

describe('Detector on real photos', function () {
  this.timeout(60_000);

  for (const { model, large, small } of [
    { model: 'yunet_n_640', large: 1, small: 0.93 },
    { model: 'yunet_n_320', large: 0.93, small: 0.558 },
    // Free batch and size: really batched, at 640.
    { model: 'yunet_n_dynamic', large: 1, small: 0.93 },
  ]) {
    it(`finds faces with ${model} as often as its published rates`, async function () {
      const photos = await detectPhotos(this, model);
      assert.ok(shareOfNoses(photos, 16, Number.POSITIVE_INFINITY) >= large);
      assert.ok(shareOfNoses(photos, 8, 16) >= small);
    });
  }

  it('finds persons with yolox_nano', async function () {
    const photos = await detectPhotos(this, 'yolox_nano');
    const isFound = photos.flatMap(({ persons, found }) =>
      persons.map(({ box: [left, top, right, bottom] }) =>
        found.some(({ label, box }) => label === 'person' && iou(box, [left, top, right - left, bottom - top]) >= 0.5),
      ),
    );
    const recall = isFound.filter(Boolean).length / isFound.length;
    assert.ok(recall >= 0.75, `${recall} of ${isFound.length} persons`);
  });

  it('finds hardly anybody in pictures with nobody in them', async function () {
    const photos = await detectPhotos(this, 'yolox_nano', 'empty');
    assert.ok(photos.length > 20);
    const persons = photos.flatMap(({ found }) => found.filter(({ label }) => label === 'person'));
    assert.ok(persons.length <= 1, `${persons.length} persons in ${photos.length} empty pictures`);
  });
});
