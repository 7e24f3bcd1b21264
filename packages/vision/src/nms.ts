import type { Detection } from '@edgeveil/contracts';
import { iou } from './boxes.ts';

/**
 * Bound of the work for one picture: with more candidates than this only the best are looked at. A sound model gives a
 * few dozen; a broken one may give every cell, and a quadratic comparison of all of them would stall the stream.
 */
export const MAX_CANDIDATES = 3000;

/**
 * Greedy non-maximum suppression within each label: of boxes that overlap by more than `maxOverlap` (IoU) only the one
 * with the highest score stays. Best first; of equal scores the earlier one wins, so the result is deterministic.
 */
export function suppressOverlaps(candidates: readonly Detection[], maxOverlap: number): Detection[] {
  const sorted = candidates.toSorted((a, b) => b.score - a.score).slice(0, MAX_CANDIDATES);
  const keptByLabel = new Map<string, Detection[]>();
  const kept: Detection[] = [];
  for (const candidate of sorted) {
    let sameLabel = keptByLabel.get(candidate.label);
    if (sameLabel === undefined) {
      sameLabel = [];
      keptByLabel.set(candidate.label, sameLabel);
    }
    if (sameLabel.every((better) => iou(better.box, candidate.box) <= maxOverlap)) {
      sameLabel.push(candidate);
      kept.push(candidate);
    }
  }
  return kept;
}
