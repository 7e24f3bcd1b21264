import { boxBetween } from '../../boxes.ts';
import { type Candidate, pushChosen } from '../../decoders/candidate.ts';
import { outputMismatch, type PictureOutputs, rowsOf } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { BGR_RAW_STRETCH, RGB_RAW_STRETCH } from '../input-rules.ts';

/** EfficientDet of TensorFlow: `[rows, 7]`: picture, top, left, bottom, right in input pixels, score, class from 1. */
export const efficientDet: Family = {
  decoder: 'efficientdet',
  title: 'EfficientDet',
  task: 'detection',
  recognise: (facts) =>
    recogniseSeven(facts, 2, {
      what: 'picture, top, left, bottom, right, score and class',
      input: { ...RGB_RAW_STRETCH, resize: 'letterbox', anchor: 'top-left' },
    }),
  decode: (outputs, context) =>
    decodeSeven(outputs, (at, found) =>
      pushChosen(found, boxBetween(at(2), at(1), at(4), at(3)), context, at(6) - 1, at(5)),
    ),
};

/** SSD closed by Caffe's or OpenVINO's `DetectionOutput`: `[1, rows, 7]`: picture, class, score, left, top, right, bottom as shares. */
export const detectionOutput: Family = {
  decoder: 'detection-output',
  title: 'SSD with DetectionOutput',
  task: 'detection',
  recognise: (facts) =>
    recogniseSeven(facts, 3, { what: 'picture, class, score, left, top, right and bottom', input: BGR_RAW_STRETCH }),
  decode: (outputs, context) => {
    const { width, height } = context.input;
    return decodeSeven(outputs, (at, found) => {
      // A picture number of -1 ends the list.
      if (at(0) >= 0) {
        const box = boxBetween(at(3) * width, at(4) * height, at(5) * width, at(6) * height);
        pushChosen(found, box, context, at(1) - 1, at(2));
      }
    });
  },
};

function recogniseSeven(
  facts: ModelFacts,
  rank: number,
  { what, input }: { readonly what: string; readonly input: Recognition['input'] },
): Recognition | undefined {
  const [output, ...more] = facts.outputs;
  if (output?.dims.length !== rank || output.dims.at(-1) !== 7 || more.length > 0 || !output.hasBatch) {
    return undefined;
  }
  return {
    certainty: 'shapes',
    reasons: [`${outputText(output)}: a list of ${what}`],
    labelCount: undefined,
    input,
    thresholds: { score: 0.3, nms: 1 },
    isSingle: true,
    assumed: ['input: pixels 0 to 255; classes counted from 1'],
  };
}

function decodeSeven(
  outputs: PictureOutputs,
  push: (at: (column: number) => number, found: Candidate[]) => void,
): Candidate[] {
  const rows = outputs.map((output) => rowsOf(output, 7)).find((each) => each !== undefined);
  if (rows === undefined) {
    throw outputMismatch('[rows,7]', outputs);
  }
  const found: Candidate[] = [];
  for (let row = 0; row < rows.count; row += 1) {
    push((column) => rows.at(row, column), found);
  }
  return found;
}
