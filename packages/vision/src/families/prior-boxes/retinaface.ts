import { type Candidate, pushCandidate } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs, rowsOf } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText, tableFacts } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { CAFFE_MEAN, type InputRule } from '../input-rules.ts';
import { countPriors, makePriors, RETINA_PLATE_PRIORS, RETINAFACE_PRIORS } from './priors.ts';
import { foregroundOf } from './two-classes.ts';

const INPUT: InputRule = {
  channels: 'bgr',
  scale: 1,
  mean: CAFFE_MEAN,
  std: [1, 1, 1],
  resize: 'letterbox',
  anchor: 'centre',
  pad: 0,
};

/**
 * RetinaFace and the plate detectors made of it: `[N, 4]` offsets from priors, `[N, 2]` classes, `[N, 10]` landmarks of a face
 * or `[N, 8]` corners of a plate, which tell the two apart: their priors differ.
 */
export const retinaface: Family = {
  decoder: 'retinaface',
  title: 'RetinaFace (faces, or plates with corners)',
  task: 'detection',
  recognise,
  decode,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const count = countPriors(RETINAFACE_PRIORS, facts.size);
  const tables = facts.outputs.map((output) => tableFacts(output, (rows) => rows === count));
  const withWidth = (width: number) => tables.find((table) => table?.width === width);
  const [boxes, classes] = [withWidth(4), withWidth(2)];
  const corners = withWidth(8);
  const landmarks = withWidth(10);
  const isWhole = tables.length === 3 && (corners !== undefined || landmarks !== undefined);
  if (boxes === undefined || classes === undefined || (!isWhole && tables.length !== 2)) {
    return undefined;
  }
  if (tables.some((table) => table?.count !== count && !(isWhole && table?.count === undefined))) {
    return undefined;
  }
  const isPlate = corners !== undefined;
  return {
    certainty: 'fixed',
    reasons: [
      `${facts.outputs.map(outputText).join(', ')}: offsets, two classes${isPlate ? ', four corners' : landmarks === undefined ? '' : ', five landmarks'}`,
      `${count} are two priors for each cell of strides 8, 16, 32 at ${facts.size.width}x${facts.size.height}`,
    ],
    labelCount: 1,
    labels: [isPlate ? 'plate' : 'face'],
    input: INPUT,
    thresholds: { score: 0.6, nms: 0.4 },
    isSingle: !boxes.output.hasBatch,
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const withWidth = (width: number) =>
    outputs.map((output) => rowsOf(output, width)).find((rows) => rows !== undefined);
  const boxes = withWidth(4);
  const classes = withWidth(2);
  const priors = makePriors(withWidth(8) === undefined ? RETINAFACE_PRIORS : RETINA_PLATE_PRIORS, context.input);
  if (boxes?.count !== priors.count || classes?.count !== priors.count) {
    throw outputMismatch(`[${priors.count},4] and [${priors.count},2]`, outputs);
  }
  const score = foregroundOf(classes);
  const found: Candidate[] = [];
  for (let row = 0; row < priors.count; row += 1) {
    if (score(row) >= context.floors.lowest) {
      const box = priors.box(row, boxes.at(row, 0), boxes.at(row, 1), boxes.at(row, 2), boxes.at(row, 3));
      pushCandidate(found, box, context, 0, score(row));
    }
  }
  return found;
}
