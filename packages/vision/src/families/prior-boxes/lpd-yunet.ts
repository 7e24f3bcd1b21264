import { boxBetween } from '../../boxes.ts';
import type { Candidate } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import type { PictureOutputs } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText, tableFacts } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { BGR_RAW_STRETCH } from '../input-rules.ts';
import { decodePlateAndFaceHead } from './plate-and-face-head.ts';
import { countPriors, LPD_PRIORS } from './priors.ts';

/** Where the x of each of the four corners stands; its y follows. */
const CORNERS = [4, 6, 10, 12] as const;

/**
 * LPD-YuNet (plates): `[N, 14]` offsets from priors, `[N, 2]` classes, `[N, 1]` expected overlap. The score is the root of
 * class times overlap; the box is the hull of the four corners.
 */
export const lpdYunet: Family = {
  decoder: 'lpd-yunet',
  title: 'LPD-YuNet (plates)',
  task: 'detection',
  recognise,
  decode,
};

/** What a model with these outputs finds: by names of file and labels, else by the size, which each was published for. */
export function kindOf({ fileName, names, labelFiles, size }: ModelFacts): 'plate' | 'face' | undefined {
  const text = [fileName, ...(names ?? labelFiles.flatMap(({ labels }) => (labels.length === 1 ? labels : [])))].join();
  if (/plate|lpd|lpr|anpr|licen[cs]e/i.test(text)) {
    return 'plate';
  }
  if (/face/i.test(text)) {
    return 'face';
  }
  return size.width === LPD_SIZE.width && size.height === LPD_SIZE.height ? undefined : 'face';
}

const LPD_SIZE = { width: 320, height: 240 } as const;

function recognise(facts: ModelFacts): Recognition | undefined {
  const count = countPriors(LPD_PRIORS, facts.size);
  const tables = facts.outputs.map((output) => tableFacts(output, (rows) => rows === count));
  const widths = tables.map((table) => table?.width).toSorted((a, b) => (a ?? 0) - (b ?? 0));
  const isWhole =
    widths.join() === '1,2,14' && tables.every((table) => table?.count === undefined || table.count === count);
  const kind = kindOf(facts);
  if (!isWhole || kind === 'face') {
    return undefined;
  }
  return {
    certainty: kind === 'plate' ? 'fixed' : 'shapes',
    reasons: [
      `${facts.outputs.map(outputText).join(', ')}: 14 offsets, two classes and an overlap for each prior`,
      `${count} are the priors of strides 8, 16, 32, 64 at ${facts.size.width}x${facts.size.height}`,
    ],
    labelCount: 1,
    labels: ['plate'],
    input: BGR_RAW_STRETCH,
    thresholds: { score: 0.6, nms: 0.3 },
    ...(kind === 'plate'
      ? {}
      : { assumed: ['decoder: YuNet of 2022 (faces) has the same outputs; say yunet-2022 if it finds faces'] }),
    isSingle: facts.outputs.some(({ hasBatch }) => !hasBatch),
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  return decodePlateAndFaceHead(outputs, context, (priors, row, offset) => {
    const points = CORNERS.map((x) => priors.point(row, offset(x), offset(x + 1)));
    const xs = points.map(([x]) => x);
    const ys = points.map(([, y]) => y);
    return boxBetween(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys));
  });
}
