import type { Candidate } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import type { PictureOutputs } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText, tableFacts } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { BGR_RAW_LETTERBOX } from '../input-rules.ts';
import { kindOf } from './lpd-yunet.ts';
import { decodePlateAndFaceHead } from './plate-and-face-head.ts';
import { countPriors, LPD_PRIORS } from './priors.ts';

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
  return decodePlateAndFaceHead(outputs, context, (priors, row, offset) =>
    priors.box(row, offset(0), offset(1), offset(2), offset(3)),
  );
}
