import { type Candidate, pushCandidate } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs, rowsOf } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText, tableFacts } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { BGR_RAW_LETTERBOX } from '../input-rules.ts';
import { kindOf } from './lpd-yunet.ts';
import { countPriors, LPD_PRIORS, makePriors } from './priors.ts';
import { foregroundOf } from './two-classes.ts';

/**
 * YuNet as OpenCV had it until 2022: `[N, 14]` offsets from priors, box and five landmarks, `[N, 2]` classes, `[N, 1]` expected
 * overlap. The score is the root of class times overlap. LPD-YuNet has the same outputs, with corners in place of the box.
 */
export const yunet2022: Family = {
  decoder: 'yunet-2022',
  title: 'YuNet (2022)',
  task: 'detection',
  recognise,
  decode,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const count = countPriors(LPD_PRIORS, facts.size);
  const tables = facts.outputs.map((output) => tableFacts(output, (rows) => rows === count));
  const widths = tables.map((table) => table?.width).toSorted((a, b) => (a ?? 0) - (b ?? 0));
  const kind = kindOf(facts);
  if (kind === 'plate' || widths.join() !== '1,2,14' || tables.some((table) => table?.count !== count)) {
    return undefined;
  }
  const isNamed = kind === 'face' && /face/i.test([facts.fileName, ...(facts.names ?? [])].join());
  return {
    certainty: isNamed ? 'fixed' : 'shapes',
    reasons: [
      `${facts.outputs.map(outputText).join(', ')}: 14 offsets, two classes and an overlap for each prior`,
      `${count} are the priors of strides 8, 16, 32, 64 at ${facts.size.width}x${facts.size.height}`,
    ],
    labelCount: 1,
    labels: ['face'],
    input: { ...BGR_RAW_LETTERBOX, pad: 0 },
    thresholds: { score: 0.6, nms: 0.3 },
    ...(isNamed
      ? {}
      : { assumed: ['decoder: LPD-YuNet (plates) has the same outputs; say lpd-yunet if it finds plates'] }),
    isSingle: facts.outputs.some(({ hasBatch }) => !hasBatch),
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
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
      const at = (value: number): number => offsets.at(row, value);
      pushCandidate(found, priors.box(row, at(0), at(1), at(2), at(3)), context, 0, score);
    }
  }
  return found;
}
