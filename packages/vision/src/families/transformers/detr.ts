import { boxAround } from '../../boxes.ts';
import { type Candidate, pushLabels } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { sigmoid } from '../../decoders/distribution.ts';
import { outputMismatch, type PictureOutputs, type Rows, rowsOf } from '../../decoders/picture-outputs.ts';
import { cocoIdLabels } from '../../recognition/label-sources.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText, tableFacts } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { RGB_IMAGENET, RGB_UNIT_STRETCH } from '../input-rules.ts';

/** Queries are some hundreds; more rows are the anchors of another kind of head. */
const MAX_QUERIES = 1000;

/**
 * DETR and its kin: logits `[queries, labels]` and boxes `[queries, 4]`: centre x, centre y, width, height as shares of the picture.
 * RT-DETR, D-FINE and Deformable DETR take the sigmoid of each logit.
 */
export const detr: Family = {
  decoder: 'detr',
  title: 'RT-DETR, D-FINE, RF-DETR, Deformable DETR (logits, boxes)',
  task: 'detection',
  recognise: (facts) => recognise(facts, false),
  decode: (outputs, context) => decode(outputs, context, false),
};

/** The first DETR, YOLOS and Conditional DETR's softmax over classes and one more, which means nothing. COCO's classes count from 1. */
export const detrSoftmax: Family = {
  decoder: 'detr-softmax',
  title: 'DETR, YOLOS (logits with "no object", boxes)',
  task: 'detection',
  recognise: (facts) => recognise(facts, true),
  decode: (outputs, context) => decode(outputs, context, true),
};

function recognise(facts: ModelFacts, isSoftmax: boolean): Recognition | undefined {
  const tables = facts.outputs.map((output) => tableFacts(output, () => false));
  const boxes = tables.find(
    (table) => table?.width === 4 && !/logit/i.test(table.output.name) && table.isChannelsFirst === false,
  );
  const count = boxes?.count;
  const tellers = facts.outputs.filter(({ name }) => !isHidden(name));
  const logits = tellers.find(
    (output) => output !== boxes?.output && output.dims.length === 2 && output.dims[0] === count,
  );
  const classes = logits?.dims[1];
  if (boxes === undefined || logits === undefined || classes === undefined || (count ?? 0) > MAX_QUERIES) {
    return undefined;
  }
  const isNamed = /logit|score|cls|class|label/i.test(logits.name) && /box/i.test(boxes.output.name);
  const hasNoObject = classes === 92 || facts.names?.length === classes - 1;
  if (tellers.length > 3 || hasNoObject !== isSoftmax || (classes < 3 && !isNamed)) {
    return undefined;
  }
  const labelCount = hasNoObject ? classes - 1 : classes;
  const isCocoIds = classes === 92 || classes === 91;
  const isRfDetr = boxes.output.name === 'dets' && logits.name === 'labels';
  return {
    certainty: isNamed ? 'fixed' : 'shapes',
    reasons: [
      ...(isRfDetr ? ['outputs dets and labels, as RF-DETR names them'] : []),
      `${outputText(logits)} and ${outputText(boxes.output)}: ${classes} logits and a box for each of ${count ?? 'its'} queries`,
      hasNoObject
        ? 'one logit more than classes: softmax with "no object"'
        : 'no logit for "no object" is known: sigmoid',
    ],
    labelCount,
    ...(isCocoIds ? { labels: ['class0', ...cocoIdLabels()] } : {}),
    input: isSoftmax || isRfDetr ? RGB_IMAGENET : RGB_UNIT_STRETCH,
    thresholds: { score: 0.3, nms: 1 },
    assumed:
      isSoftmax || isRfDetr
        ? ['input: mean and deviation of ImageNet']
        : [
            'input: RGB, 0 to 1, as RT-DETR and D-FINE; Deformable DETR and RF-DETR want mean and deviation of ImageNet',
          ],
    outputs: [logits.name, boxes.output.name],
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext, isSoftmax: boolean): Candidate[] {
  const { labels, floors, input } = context;
  const width = labels.length + (isSoftmax ? 1 : 0);
  const logits = outputs.flatMap((output) =>
    isNamedBoxes(output.name) && width === 4 ? [] : (rowsOf(output, width) ?? []),
  )[0];
  const boxes = outputs
    .map((output) => rowsOf(output, 4))
    .find((rows) => rows !== undefined && rows.data !== logits?.data && rows.count === logits?.count);
  if (boxes === undefined || logits === undefined) {
    throw outputMismatch(`[queries,${width}] and [queries,4]`, outputs);
  }
  const scoreOf = isSoftmax ? softmaxOf(logits) : (row: number, label: number) => sigmoid(logits.at(row, label));
  const found: Candidate[] = [];
  for (let row = 0; row < boxes.count; row += 1) {
    const score = (label: number): number => scoreOf(row, label);
    if (labels.some((_, label) => score(label) >= (floors.floor[label] as number))) {
      const box = boxAround(
        boxes.at(row, 0) * input.width,
        boxes.at(row, 1) * input.height,
        boxes.at(row, 2) * input.width,
        boxes.at(row, 3) * input.height,
      );
      pushLabels(found, box, context, score);
    }
  }
  return found;
}

/** What the layers before hand over, beside what they found. */
function isHidden(name: string): boolean {
  return /hidden|attention/i.test(name);
}

function isNamedBoxes(name: string): boolean {
  return /box/i.test(name);
}

function softmaxOf(logits: Rows): (row: number, label: number) => number {
  const sums = Float64Array.from({ length: logits.count }, (_, row) => {
    let sum = 0;
    for (let column = 0; column < logits.width; column += 1) {
      sum += Math.exp(logits.at(row, column));
    }
    return sum;
  });
  return (row, label) => Math.exp(logits.at(row, label)) / (sums[row] as number);
}
