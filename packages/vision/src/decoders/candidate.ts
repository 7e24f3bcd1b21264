import type { Box, Detection } from '@edgeveil/contracts';
import { boxArea, clipBox } from '../boxes.ts';
import type { DecoderContext } from './decoder-context.ts';

/** A detection in input pixels, before overlaps are suppressed. */
export type Candidate = Detection;

/**
 * Adds what a cell says: the best label that reaches its floor, and every label with a floor of its own. Scores that are
 * not a number and boxes without area inside the input are left out.
 */
export function pushLabels(
  found: Candidate[],
  box: Box,
  context: DecoderContext,
  scoreOf: (label: number) => number,
): void {
  const { floors, labels } = context;
  let best = -1;
  let bestScore = 0;
  for (let label = 0; label < labels.length; label += 1) {
    const score = scoreOf(label);
    if (score >= (floors.floor[label] as number)) {
      if (floors.own[label] === 1) {
        pushCandidate(found, box, context, label, score);
      } else if (best === -1 || score > bestScore) {
        best = label;
        bestScore = score;
      }
    }
  }
  if (best !== -1) {
    pushCandidate(found, box, context, best, bestScore);
  }
}

/**
 * Adds one detection of a model that has chosen the label itself, if its score reaches that label's floor. A class beyond
 * the labels is reported under its number: what the model found must not vanish because a name is missing.
 */
export function pushChosen(found: Candidate[], box: Box, context: DecoderContext, label: number, score: number): void {
  const { floors, labels } = context;
  const floor = label < labels.length ? (floors.floor[label] as number) : floors.common;
  if (Number.isInteger(label) && label >= 0 && score >= floor) {
    pushCandidate(found, box, context, label, score);
  }
}

/** Adds one detection, its box cut to the input and its score to 0..1. */
export function pushCandidate(
  found: Candidate[],
  box: Box,
  context: DecoderContext,
  label: number,
  score: number,
): void {
  const clipped = clipBox(box, context.input);
  // The area of a box with a NaN in it is NaN, and fails the comparison.
  if (boxArea(clipped) > 0) {
    const name = context.labels[label] ?? `class${label}`;
    found.push({ label: name, score: Math.min(Math.max(score, 0), 1), box: clipped });
  }
}
