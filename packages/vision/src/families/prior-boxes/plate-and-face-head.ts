import type { Box } from '@edgeveil/contracts';
import { type Candidate, pushCandidate } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs, rowsOf } from '../../decoders/picture-outputs.ts';
import { LPD_PRIORS, makePriors, type Priors } from './priors.ts';
import { foregroundOf } from './two-classes.ts';

/** What is found at a prior: the place of the prior, and its offsets by their number. */
type BoxOfPrior = (priors: Priors, row: number, offset: (value: number) => number) => Box;

/**
 * The outputs that LPD-YuNet and YuNet of 2022 have in common: `[N, 14]` offsets from priors, `[N, 2]` classes, `[N, 1]` expected
 * overlap. The score is the root of class times overlap; only what the offsets mean differs.
 */
export function decodePlateAndFaceHead(
  outputs: PictureOutputs,
  context: DecoderContext,
  boxOf: BoxOfPrior,
): Candidate[] {
  const withWidth = (width: number) =>
    outputs.map((output) => rowsOf(output, width)).find((rows) => rows !== undefined && rows.count > 1);
  const [offsets, classes, overlaps] = [withWidth(14), withWidth(2), withWidth(1)];
  const priors = makePriors(LPD_PRIORS, context.input);
  if (offsets?.count !== priors.count || classes?.count !== priors.count || overlaps?.count !== priors.count) {
    throw outputMismatch(`[${priors.count},14], [${priors.count},2] and [${priors.count},1]`, outputs);
  }
  const foreground = foregroundOf(classes);
  const found: Candidate[] = [];
  for (let row = 0; row < priors.count; row += 1) {
    const score = Math.sqrt(foreground(row) * Math.min(Math.max(overlaps.at(row, 0), 0), 1));
    if (score >= context.floors.lowest) {
      const box = boxOf(priors, row, (value) => offsets.at(row, value));
      pushCandidate(found, box, context, 0, score);
    }
  }
  return found;
}
