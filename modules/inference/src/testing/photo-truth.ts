import { readFile } from 'node:fs/promises';
import type { Box, Detection } from '@edgeveil/contracts';
import { iou } from '@edgeveil/vision';
import { z } from 'zod';

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

export interface PhotoTruth {
  readonly file: string;
  readonly persons: readonly { readonly box: Box; readonly face: Face | undefined }[];
}

/** A face that is seen whole: nose and both eyes are labelled visible. */
interface Face {
  readonly nose: readonly [number, number];
  readonly eyeDistance: number;
}

/** What is in the photos with labelled persons, or in those with nobody in them. */
export async function readPhotoTruth(file: string, which: 'labelled' | 'empty'): Promise<PhotoTruth[]> {
  const truth = truthSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  return Object.entries(truth.images)
    .filter(([id, { labelled }]) => (which === 'labelled' ? labelled : truth.clean_negatives.includes(id)))
    .map(([, image]) => ({
      file: image.file,
      persons: image.persons.map(({ box: [left, top, right, bottom], head }) => ({
        box: [left, top, right - left, bottom - top],
        face: faceOf(head.nose, head.leye, head.reye),
      })),
    }));
}

type Point = z.infer<typeof pointSchema>;

function faceOf(nose: Point | undefined, left: Point | undefined, right: Point | undefined): Face | undefined {
  if (nose?.[2] !== 2 || left?.[2] !== 2 || right?.[2] !== 2) {
    return undefined;
  }
  return { nose: [nose[0], nose[1]], eyeDistance: Math.hypot(left[0] - right[0], left[1] - right[1]) };
}

export interface Shares {
  readonly large: number;
  readonly small: number;
}

/** Share of faces whose nose lies in a found box: those with eyes 8 pixels apart or more, and those with less. */
export function shareOfFaces(truth: readonly PhotoTruth[], found: readonly (readonly Detection[])[]): Shares {
  const hits = truth.flatMap(({ persons }, index) =>
    persons.flatMap(({ face }) => {
      const isFound = found[index]?.some(
        ({ box: [x, y, width, height] }) =>
          face !== undefined &&
          face.nose[0] >= x &&
          face.nose[0] <= x + width &&
          face.nose[1] >= y &&
          face.nose[1] <= y + height,
      );
      return face === undefined ? [] : [{ isLarge: face.eyeDistance >= 8, isFound: isFound === true }];
    }),
  );
  const share = (isLarge: boolean): number => {
    const all = hits.filter((hit) => hit.isLarge === isLarge);
    return all.filter(({ isFound }) => isFound).length / all.length;
  };
  return { large: share(true), small: share(false) };
}

/** Average precision of one label at an overlap of half, over 101 points of recall, as COCO computes it. */
export function averagePrecision(
  truth: readonly PhotoTruth[],
  found: readonly (readonly Detection[])[],
  label = 'person',
): number {
  const total = truth.reduce((sum, { persons }) => sum + persons.length, 0);
  const taken = truth.map(() => new Set<number>());
  const sorted = found
    .flatMap((list, photo) => list.filter((each) => each.label === label).map((each) => ({ ...each, photo })))
    .toSorted((a, b) => b.score - a.score);
  let right = 0;
  const points = sorted.map(({ photo, box }, index) => {
    const overlaps = (truth[photo]?.persons ?? []).map((person, place) =>
      taken[photo]?.has(place) === true ? 0 : iou(box, person.box),
    );
    const best = overlaps.indexOf(Math.max(0, ...overlaps));
    if (best !== -1 && (overlaps[best] ?? 0) >= 0.5) {
      taken[photo]?.add(best);
      right += 1;
    }
    return { recall: right / total, precision: right / (index + 1) };
  });
  const at = Array.from({ length: 101 }, (_, step) =>
    points.reduce((best, { recall, precision }) => (recall >= step / 100 ? Math.max(best, precision) : best), 0),
  );
  return at.reduce((sum, precision) => sum + precision, 0) / at.length;
}
