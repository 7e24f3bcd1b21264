import { boxBetween } from '../../boxes.ts';
import { type Candidate, pushCandidate } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs, type Rows, rowsOf } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText, shareOfRows, type TableFacts, tableFacts } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { centred } from '../input-rules.ts';
import { countPriors, makePriors, ULTRAFACE_PRIORS } from './priors.ts';
import { foregroundOf } from './two-classes.ts';

/**
 * UltraFace: `scores` `[N, 2]`, the second is the face, and `boxes` `[N, 4]` left, top, right, bottom as shares of the picture.
 */
export const ultraface: Family = {
  decoder: 'ultraface',
  title: 'UltraFace',
  task: 'detection',
  recognise: (facts) => recognise(facts, false),
  decode: (outputs, context) => {
    const { width, height } = context.input;
    return decode(outputs, context, (boxes, row) =>
      boxBetween(
        boxes.at(row, 0) * width,
        boxes.at(row, 1) * height,
        boxes.at(row, 2) * width,
        boxes.at(row, 3) * height,
      ),
    );
  },
};

/** UltraFace without its post-processing: `boxes` are offsets from priors of strides 8, 16, 32, 64. */
export const ultrafaceRaw: Family = {
  decoder: 'ultraface-raw',
  title: 'UltraFace without post-processing (SSD with priors)',
  task: 'detection',
  recognise: (facts) => recognise(facts, true),
  decode: (outputs, context) => {
    const priors = makePriors(ULTRAFACE_PRIORS, context.input);
    return decode(outputs, context, (boxes, row) =>
      priors.box(row, boxes.at(row, 0), boxes.at(row, 1), boxes.at(row, 2), boxes.at(row, 3)),
    );
  },
};

function recognise(facts: ModelFacts, isRaw: boolean): Recognition | undefined {
  const count = countPriors(ULTRAFACE_PRIORS, facts.size);
  const tables = facts.outputs.map((output) => tableFacts(output, (rows) => rows === count));
  const boxes = tables.find((table) => table?.width === 4);
  const scores = tables.find((table) => table !== boxes && table?.width === 2);
  if (boxes === undefined || scores === undefined || tables.length !== 2) {
    return undefined;
  }
  const isCounted = boxes.count === count && scores.count === count;
  if ((!isCounted && boxes.count !== undefined) || areOffsets(boxes, scores) !== isRaw) {
    return undefined;
  }
  return {
    certainty: isCounted ? 'fixed' : 'shapes',
    reasons: [
      `${outputText(scores.output)} and ${outputText(boxes.output)}: two classes and a box for each prior`,
      ...(isCounted
        ? [`${count} are the priors of strides 8, 16, 32, 64 at ${facts.size.width}x${facts.size.height}`]
        : []),
      isRaw ? 'the boxes are no shares of the picture, so they are offsets' : 'the boxes are shares of the picture',
    ],
    labelCount: 1,
    labels: ['face'],
    input: centred('rgb', 127, 128),
    thresholds: { score: 0.7, nms: 0.3 },
  };
}

/** Final boxes have their corners in order, inside the picture or nearly so. Faces, if the sample has any, count alone. */
function areOffsets(boxes: TableFacts, scores: TableFacts): boolean {
  if (boxes.output.sample === undefined) {
    return /loc|offset|delta/i.test(boxes.output.name);
  }
  const isBox = (row: number): boolean => {
    const [left, top, right, bottom] = [0, 1, 2, 3].map((column) => boxes.sample(row, column) ?? 0);
    const isOrdered = (right ?? 0) > (left ?? 0) && (bottom ?? 0) > (top ?? 0);
    return isOrdered && (left ?? 0) > -0.5 && (top ?? 0) > -0.5 && (right ?? 0) < 1.5 && (bottom ?? 0) < 1.5;
  };
  const isFace = (row: number): boolean => (scores.sample(row, 1) ?? 0) >= 0.5;
  const rows = Array.from({ length: boxes.count ?? 0 }, (_, row) => row);
  const faces = rows.filter(isFace);
  return faces.length > 0
    ? faces.filter(isBox).length < faces.length / 2
    : shareOfRows(boxes, isBox) < 0.6 &&
        rows.some((row) => [0, 1, 2, 3].some((column) => boxes.sample(row, column) !== 0));
}

function decode(
  outputs: PictureOutputs,
  context: DecoderContext,
  boxOf: (boxes: Rows, row: number) => Candidate['box'],
): Candidate[] {
  const boxes = outputs.map((output) => rowsOf(output, 4)).find((rows) => rows !== undefined);
  const scores = outputs.map((output) => rowsOf(output, 2)).find((rows) => rows !== undefined);
  if (boxes === undefined || scores === undefined || boxes.count !== scores.count) {
    throw outputMismatch('[N,2] and [N,4]', outputs);
  }
  const score = foregroundOf(scores);
  const found: Candidate[] = [];
  for (let row = 0; row < boxes.count; row += 1) {
    if (score(row) >= context.floors.lowest) {
      pushCandidate(found, boxOf(boxes, row), context, 0, score(row));
    }
  }
  return found;
}
