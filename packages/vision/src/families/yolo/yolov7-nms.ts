import { boxBetween } from '../../boxes.ts';
import { type Candidate, pushChosen } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs, rowsOf } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { RGB_UNIT_LETTERBOX } from '../input-rules.ts';

const WIDTH = 7;

function isScoreFirst(name: string): boolean {
  return /flat_pred/i.test(name);
}

/**
 * YOLOv7 exported with NMS: `[finds, 7]` without batch dimension: picture, left, top, right, bottom in input pixels, class,
 * score. YOLO-NAS names the same `flat_predictions` and has the score before the class.
 */
export const yolov7Nms: Family = {
  decoder: 'yolov7-nms',
  title: 'YOLOv7 or YOLO-NAS with NMS in the graph',
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
      `${outputText(output)}: a list of picture, left, top, right, bottom, ${isScoreFirst(output.name) ? 'score and class' : 'class and score'}, without batch dimension`,
    ],
    labelCount: undefined,
    input: RGB_UNIT_LETTERBOX,
    thresholds: { score: 0.25, nms: 1 },
    isSingle: true,
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const output = outputs.find(({ dims }) => dims.at(-1) === WIDTH);
  const rows = output === undefined ? undefined : rowsOf(output, WIDTH);
  if (output === undefined || rows === undefined) {
    throw outputMismatch(`[finds,${WIDTH}]`, outputs);
  }
  const [label, score] = isScoreFirst(output.name) ? [6, 5] : [5, 6];
  const found: Candidate[] = [];
  for (let row = 0; row < rows.count; row += 1) {
    const at = (column: number): number => rows.at(row, column);
    pushChosen(found, boxBetween(at(1), at(2), at(3), at(4)), context, at(label), at(score));
  }
  return found;
}
