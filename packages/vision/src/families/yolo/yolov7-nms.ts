import { boxBetween } from '../../boxes.ts';
import { type Candidate, pushChosen } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs, rowsOf } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { RGB_UNIT_LETTERBOX } from '../input-rules.ts';

const WIDTH = 7;

/** YOLOv7 exported with NMS: `[finds, 7]` without batch dimension: picture, left, top, right, bottom in input pixels, class, score. */
export const yolov7Nms: Family = {
  decoder: 'yolov7-nms',
  title: 'YOLOv7 with NMS in the graph',
  task: 'detection',
  recognise,
  decode,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const [output, ...more] = facts.outputs;
  const isTable = output?.dims.length === 2 && output.dims[1] === WIDTH && !output.hasBatch;
  if (output === undefined || more.length > 0 || !isTable || (output.dims[0] ?? 0) > 1000) {
    return undefined;
  }
  return {
    certainty: 'fixed',
    reasons: [
      `${outputText(output)}: a list of picture, left, top, right, bottom, class and score, without batch dimension`,
    ],
    labelCount: undefined,
    input: RGB_UNIT_LETTERBOX,
    thresholds: { score: 0.25, nms: 1 },
    isSingle: true,
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const rows = outputs.map((output) => rowsOf(output, WIDTH)).find((each) => each !== undefined);
  if (rows === undefined) {
    throw outputMismatch(`[finds,${WIDTH}]`, outputs);
  }
  const found: Candidate[] = [];
  for (let row = 0; row < rows.count; row += 1) {
    const at = (column: number): number => rows.at(row, column);
    pushChosen(found, boxBetween(at(1), at(2), at(3), at(4)), context, at(5), at(6));
  }
  return found;
}
