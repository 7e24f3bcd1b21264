import { boxBetween } from '../../boxes.ts';
import { type Candidate, pushChosen } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs, rowsOf } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { RGB_IMAGENET } from '../input-rules.ts';

/** MMDetection and MMDeploy: `dets` `[finds, 5]`: left, top, right, bottom in input pixels, score; `labels` `[finds]`. */
export const boxesAndLabels: Family = {
  decoder: 'dets-labels',
  title: 'MMDetection (dets, labels)',
  task: 'detection',
  recognise,
  decode,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const dets = facts.outputs.find(({ dims }) => dims.length === 2 && dims[1] === 5);
  const labels = facts.outputs.find(({ dims, type }) => dims.length === 1 && type.startsWith('int'));
  if (dets === undefined || labels === undefined) {
    return undefined;
  }
  return {
    certainty: /^dets$/.test(dets.name) && /^labels$/.test(labels.name) ? 'fixed' : 'shapes',
    reasons: [`boxes with their score, and whole numbers for each: ${outputText(dets)}, ${outputText(labels)}`],
    labelCount: undefined,
    input: { ...RGB_IMAGENET, resize: 'letterbox', anchor: 'top-left' },
    thresholds: { score: 0.3, nms: 1 },
    isSingle: !dets.hasBatch,
    outputs: [dets.name, labels.name],
    assumed: ['input: mean and deviation of ImageNet, RGB; the pipeline of the model may say otherwise'],
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const rows = outputs.map((output) => rowsOf(output, 5)).find((each) => each !== undefined);
  const labels = outputs.find(({ data, dims }) => data.length === rows?.count && dims.at(-1) !== 5)?.data;
  if (rows === undefined || labels === undefined) {
    throw outputMismatch('[finds,5] and [finds]', outputs);
  }
  const found: Candidate[] = [];
  for (let row = 0; row < rows.count; row += 1) {
    const at = (column: number): number => rows.at(row, column);
    pushChosen(found, boxBetween(at(0), at(1), at(2), at(3)), context, labels[row] ?? -1, at(4));
  }
  return found;
}
