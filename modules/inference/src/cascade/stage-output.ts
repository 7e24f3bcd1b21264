import type { Attribute, Box, CascadeDetection, Detection, Embedding } from '@edgeveil/contracts';
import { iou, mergeRegions, type RegionFind, type Size } from '@edgeveil/vision';

/** Longest text that an attribute holds. */
const MAX_TEXT = 128;

/** What a classifier, or a model that reads, says of a crop: its best label. Nothing when it is sure of none, or reads nothing. */
export function attributeOf(stage: string, found: readonly Detection[]): Attribute | undefined {
  const [best] = found.toSorted((a, b) => b.score - a.score);
  const label = best?.label.trim().slice(0, MAX_TEXT) ?? '';
  return best === undefined || label === '' ? undefined : { stage, label, score: best.score };
}

/** Features as they are kept. */
export function embeddingOf(stage: string, features: Float32Array): Embedding {
  const bytes = Buffer.alloc(features.length * 4);
  features.forEach((value, index) => {
    bytes.writeFloatLE(value, index * 4);
  });
  return { stage, values: bytes.toString('base64') };
}

/** What a stage found in the crop of one detection, in pixels of the picture. */
export interface CropFinds {
  /** Place of the detection among those of the frame. */
  readonly parent: number;
  /** The part of the picture that was looked at. */
  readonly region: Box;
  readonly found: readonly Detection[];
}

/**
 * Adds what a stage found to the detections of a frame. Crops of neighbours overlap, so the same face may be in two of them, or cut by the
 * border of one: it is added once. One that a stage before has found already only makes that one's box cover both.
 */
export function addFinds(
  detections: CascadeDetection[],
  stage: string,
  crops: readonly CropFinds[],
  options: { readonly picture: Size; readonly maxOverlap: number },
): void {
  const finds = crops.flatMap(({ parent, region, found }) =>
    found.map((each): RegionFind<CascadeDetection> => ({ region, detection: { ...each, stage, parent } })),
  );
  const before = detections.length;
  for (const find of mergeRegions(finds, options)) {
    const known = detections.findIndex(
      ({ label, box }, index) => index < before && label === find.label && iou(box, find.box) > options.maxOverlap,
    );
    const same = detections[known];
    if (same === undefined) {
      detections.push(find);
    } else {
      detections[known] = { ...same, box: hull(same.box, find.box), score: Math.max(same.score, find.score) };
    }
  }
}

function hull(a: Box, b: Box): Box {
  const left = Math.min(a[0], b[0]);
  const top = Math.min(a[1], b[1]);
  return [left, top, Math.max(a[0] + a[2], b[0] + b[2]) - left, Math.max(a[1] + a[3], b[1] + b[3]) - top];
}
