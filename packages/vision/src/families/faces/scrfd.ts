import { boxBetween } from '../../boxes.ts';
import { type Candidate, pushCandidate } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { centred } from '../input-rules.ts';
import { areStrideGroups, strideGroups } from './stride-groups.ts';

/** Score, distances, five landmarks; small ones come without landmarks. Two anchors a cell, the smallest models one. */
const GROUPS = [
  { widths: [1, 4, 10], perCell: 2 },
  { widths: [1, 4], perCell: 2 },
  { widths: [1, 4, 10], perCell: 1 },
  { widths: [1, 4], perCell: 1 },
] as const;

/**
 * SCRFD: for each of the strides 8, 16, 32 a score (sigmoid done) and the distances of the four sides from the corner of the
 * cell, in strides. Names and order differ between exports: shapes say what is what.
 */
export const scrfd: Family = {
  decoder: 'scrfd',
  title: 'SCRFD',
  task: 'detection',
  recognise,
  decode,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const group = GROUPS.find((each) => areStrideGroups(facts.outputs, facts.size, each));
  if (group === undefined) {
    return undefined;
  }
  return {
    certainty: 'fixed',
    reasons: [
      `${facts.outputs.length} outputs: for each of the strides 8, 16, 32 scores, 4 distances` +
        `${group.widths.length === 3 ? ' and 5 landmarks' : ''}, ${group.perCell} a cell`,
    ],
    labelCount: 1,
    labels: ['face'],
    input: { ...centred('rgb', 127.5, 128), resize: 'letterbox', anchor: 'top-left' },
    thresholds: { score: 0.5, nms: 0.4 },
    isSingle: facts.outputs.some(({ hasBatch }) => !hasBatch),
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const { input, floors } = context;
  const found: Candidate[] = [];
  for (const group of GROUPS) {
    const strides = strideGroups(outputs, input, group);
    if (strides === undefined) {
      continue;
    }
    for (const { stride, columns, cells, tables } of strides) {
      const [scores, distances] = tables;
      for (let anchor = 0; anchor < cells * group.perCell; anchor += 1) {
        const score = scores?.at(anchor, 0) ?? 0;
        if (score >= floors.lowest) {
          const cell = Math.floor(anchor / group.perCell);
          const x = (cell % columns) * stride;
          const y = Math.floor(cell / columns) * stride;
          const side = (index: number): number => (distances?.at(anchor, index) ?? Number.NaN) * stride;
          pushCandidate(found, boxBetween(x - side(0), y - side(1), x + side(2), y + side(3)), context, 0, score);
        }
      }
    }
    return found;
  }
  throw outputMismatch('for each of the strides 8, 16, 32 tables of 1, 4 and 10 values an anchor', outputs);
}
