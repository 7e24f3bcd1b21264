import type { Box, Detection } from '@edgeveil/contracts';
import { boxArea, intersectionArea, iou, type Size } from '../boxes.ts';
import { MAX_CANDIDATES } from '../nms.ts';

/** Something that was found while only a part of the picture was looked at. Boxes are in pixels of the picture. */
export interface RegionFind<Found extends Detection = Detection> {
  readonly detection: Found;
  /** The part that was looked at: a tile, a crop, or all of it. */
  readonly region: Box;
}

/** Of a box that a border cuts, the share that must lie in another box to be a piece of the same thing. */
const PIECE_SHARE = 0.5;
/** Share of a region's side, and least number of pixels, within which a box that ends there is taken to be cut. */
const CUT_SHARE = 0.01;
const CUT_PIXELS = 2;

/** Sides on which the border of a region, inside the picture, cuts a box. */
interface Cuts {
  readonly left: boolean;
  readonly top: boolean;
  readonly right: boolean;
  readonly bottom: boolean;
}

interface Merged<Found extends Detection> {
  /** The one with the best score; its region is where the thing was seen best. */
  readonly detection: Found;
  readonly region: Box;
  readonly box: Box;
  readonly cuts: Cuts;
  /** Made of pieces. */
  readonly isJoined: boolean;
}

/**
 * Makes one detection of what overlapping regions of a picture show of the same thing, within each label, best first.
 *
 * - Boxes that overlap by more than `maxOverlap` (IoU) are the same thing seen twice: the best one stays.
 * - A box that the border of its region cuts, and of which half or more lies in another box, is a piece of that one.
 * - Two boxes that borders facing each other cut, and that continue each other, are two pieces of one thing.
 *
 * Pieces are joined to the hull of both, so that everything stays covered that any region showed. A box that touches no border
 * inside the picture is never taken for a piece: a child in front of a grown-up stays a detection of its own.
 */
export function mergeRegions<Found extends Detection>(
  finds: readonly RegionFind<Found>[],
  { picture, maxOverlap }: { readonly picture: Size; readonly maxOverlap: number },
): Found[] {
  const byLabel = Map.groupBy(
    finds
      .toSorted((a, b) => b.detection.score - a.detection.score)
      .slice(0, MAX_CANDIDATES)
      .map(({ detection, region }): Merged<Found> => {
        return { detection, region, box: detection.box, cuts: cutsOf(detection.box, region, picture), isJoined: false };
      }),
    ({ detection }) => detection.label,
  );
  const merged = [...byLabel.values()].flatMap((same) => mergeUntilStable(same, maxOverlap));
  return merged
    .toSorted((a, b) => b.detection.score - a.detection.score)
    .map(({ detection, box }) => (box === detection.box ? detection : { ...detection, box }));
}

/** A hull may meet a box that none of its pieces met, so it goes on until nothing changes. */
function mergeUntilStable<Found extends Detection>(
  finds: readonly Merged<Found>[],
  maxOverlap: number,
): Merged<Found>[] {
  let before = finds;
  for (;;) {
    const after: Merged<Found>[] = [];
    for (const find of before) {
      const [index, join] = bestMatch(after, find, maxOverlap);
      const other = after[index];
      if (other === undefined) {
        after.push(find);
      } else if (join === 'piece') {
        after[index] = joined(other, find);
      }
    }
    if (after.length === before.length) {
      return after;
    }
    before = after;
  }
}

type Relation = 'same' | 'piece';

function bestMatch<Found extends Detection>(
  others: readonly Merged<Found>[],
  find: Merged<Found>,
  maxOverlap: number,
): [number, Relation] {
  let best = -1;
  let bestOverlap = 0;
  let bestRelation: Relation = 'same';
  others.forEach((other, index) => {
    const relation = relationOf(other, find, maxOverlap);
    if (relation !== undefined) {
      const overlap = intersectionArea(other.box, find.box);
      if (overlap > bestOverlap) {
        [best, bestOverlap, bestRelation] = [index, overlap, relation];
      }
    }
  });
  return [best, bestRelation];
}

function relationOf<Found extends Detection>(
  a: Merged<Found>,
  b: Merged<Found>,
  maxOverlap: number,
): Relation | undefined {
  const common = intersectionArea(a.box, b.box);
  if (common === 0) {
    return undefined;
  }
  const isOther = a.region !== b.region && !a.region.every((value, index) => value === b.region[index]);
  const smaller = boxArea(a.box) <= boxArea(b.box) ? a : b;
  // Within one region the model itself told things apart.
  if (isOther && ((isCut(smaller) && common >= PIECE_SHARE * boxArea(smaller.box)) || continues(a, b))) {
    return 'piece';
  }
  if (iou(a.box, b.box) <= maxOverlap) {
    return undefined;
  }
  return [a, b].some((each) => each.isJoined || isCut(each)) ? 'piece' : 'same';
}

/** Whether borders that face each other cut two boxes of about the same extent along these borders. */
function continues({ box: a, cuts: cutsA }: Merged<Detection>, { box: b, cuts: cutsB }: Merged<Detection>): boolean {
  const sideways = (cutsA.right && cutsB.left && a[0] < b[0]) || (cutsA.left && cutsB.right && b[0] < a[0]);
  const upright = (cutsA.bottom && cutsB.top && a[1] < b[1]) || (cutsA.top && cutsB.bottom && b[1] < a[1]);
  return (
    (sideways && spanOverlap(a[1], a[3], b[1], b[3]) >= PIECE_SHARE) ||
    (upright && spanOverlap(a[0], a[2], b[0], b[2]) >= PIECE_SHARE)
  );
}

/** Intersection over union of two lengths on a line. */
function spanOverlap(startA: number, lengthA: number, startB: number, lengthB: number): number {
  const common = Math.min(startA + lengthA, startB + lengthB) - Math.max(startA, startB);
  return common <= 0 ? 0 : common / (lengthA + lengthB - common);
}

function joined<Found extends Detection>(a: Merged<Found>, b: Merged<Found>): Merged<Found> {
  const left = Math.min(a.box[0], b.box[0]);
  const top = Math.min(a.box[1], b.box[1]);
  const right = Math.max(a.box[0] + a.box[2], b.box[0] + b.box[2]);
  const bottom = Math.max(a.box[1] + a.box[3], b.box[1] + b.box[3]);
  const best = a.detection.score >= b.detection.score ? a : b;
  // A side of the hull is cut where the piece that reaches there is.
  const isCutAt = (side: keyof Cuts, reaches: (box: Box) => boolean): boolean =>
    [a, b].every(({ box, cuts }) => !reaches(box) || cuts[side]);
  return {
    ...best,
    isJoined: true,
    box: [left, top, right - left, bottom - top],
    cuts: {
      left: isCutAt('left', (box) => box[0] === left),
      top: isCutAt('top', (box) => box[1] === top),
      right: isCutAt('right', (box) => box[0] + box[2] === right),
      bottom: isCutAt('bottom', (box) => box[1] + box[3] === bottom),
    },
  };
}

function cutsOf([x, y, width, height]: Box, [left, top, regionWidth, regionHeight]: Box, picture: Size): Cuts {
  const nearX = Math.max(CUT_PIXELS, regionWidth * CUT_SHARE);
  const nearY = Math.max(CUT_PIXELS, regionHeight * CUT_SHARE);
  const right = left + regionWidth;
  const bottom = top + regionHeight;
  return {
    left: left > 1 && x - left <= nearX,
    top: top > 1 && y - top <= nearY,
    right: right < picture.width - 1 && right - (x + width) <= nearX,
    bottom: bottom < picture.height - 1 && bottom - (y + height) <= nearY,
  };
}

function isCut({ cuts }: Merged<Detection>): boolean {
  return cuts.left || cuts.top || cuts.right || cuts.bottom;
}
