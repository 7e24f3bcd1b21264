import { boxAround } from '../../boxes.ts';
import { type Candidate, pushCandidate } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { BGR_RAW_LETTERBOX } from '../input-rules.ts';
import { areStrideGroups, strideGroups } from './stride-groups.ts';

/** Class, objectness, box, five landmarks. */
const GROUP = { widths: [1, 1, 4, 10], perCell: 1 } as const;

/**
 * YuNet (2023): for each of the strides 8, 16, 32 class and objectness, both after the sigmoid; the score is the root of their
 * product, so it does not matter which is which. Centre is `(value + cell) * stride`, size `exp(value) * stride`. The five
 * landmarks are not used.
 */
export const yunet: Family = {
  decoder: 'yunet',
  title: 'YuNet (2023)',
  task: 'detection',
  recognise,
  decode,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  if (!areStrideGroups(facts.outputs, facts.size, GROUP)) {
    return undefined;
  }
  return {
    certainty: 'fixed',
    reasons: [
      `twelve outputs: for each of the strides 8, 16, 32 class, objectness, 4 box values and 5 landmarks (${facts.outputs
        .slice(0, 3)
        .map(({ name }) => name)
        .join(', ')}, …)`,
    ],
    labelCount: 1,
    labels: ['face'],
    input: { ...BGR_RAW_LETTERBOX, pad: 0 },
    thresholds: { score: 0.6, nms: 0.3 },
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const { input, floors } = context;
  const groups = strideGroups(outputs, input, GROUP);
  if (groups === undefined) {
    throw outputMismatch('for each of the strides 8, 16, 32 tables of 1, 1, 4 and 10 values a cell', outputs);
  }
  const found: Candidate[] = [];
  for (const { stride, columns, cells, tables } of groups) {
    const [classes, objectness, boxes] = tables;
    for (let cell = 0; cell < cells; cell += 1) {
      const value = (position: number): number => boxes?.at(cell, position) ?? Number.NaN;
      const score = Math.sqrt(unit(classes?.at(cell, 0) ?? 0) * unit(objectness?.at(cell, 0) ?? 0));
      // NaN is never at or above the floor.
      if (score >= floors.lowest) {
        const box = boxAround(
          (value(0) + (cell % columns)) * stride,
          (value(1) + Math.floor(cell / columns)) * stride,
          Math.exp(value(2)) * stride,
          Math.exp(value(3)) * stride,
        );
        pushCandidate(found, box, context, 0, score);
      }
    }
  }
  return found;
}

function unit(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
