import { boxBetween } from '../../boxes.ts';
import { type Candidate, pushChosen } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs, rowsOf } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { hasDims, outputText } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { RGB_UNIT_LETTERBOX } from '../input-rules.ts';

/**
 * YOLOv3 of the ONNX model zoo: boxes `[N, 4]` top, left, bottom, right in pixels, scores `[labels, N]`, and the chosen ones as
 * triples of picture, class and box, `[finds, 3]`.
 */
export const yolov3Zoo: Family = {
  decoder: 'yolov3-zoo',
  title: 'YOLOv3 of the ONNX model zoo (boxes, scores, selected indices)',
  task: 'detection',
  recognise,
  decode,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const boxes = facts.outputs.find((output) => hasDims(output, [undefined, 4]));
  const chosen = facts.outputs.find(
    (output) => output !== boxes && output.dims.at(-1) === 3 && output.type.startsWith('int'),
  );
  const scores = facts.outputs.find((output) => output !== boxes && output !== chosen && output.dims.length === 2);
  if (boxes === undefined || chosen === undefined || scores === undefined || facts.outputs.length !== 3) {
    return undefined;
  }
  return {
    certainty: 'fixed',
    reasons: [`boxes, scores and triples of chosen ones: ${[boxes, scores, chosen].map(outputText).join(', ')}`],
    labelCount: scores.dims[0],
    input: { ...RGB_UNIT_LETTERBOX, pad: 128 },
    thresholds: { score: 0.3, nms: 1 },
    isSingle: true,
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const boxes = outputs.find(({ dims }) => dims.at(-1) === 4 && dims.length === 2);
  const chosen = outputs.map((output) => rowsOf(output, 3)).find((each) => each !== undefined);
  const scores = outputs.find(({ dims }) => dims.length === 2 && dims[0] === context.labels.length);
  if (boxes === undefined || chosen === undefined || scores === undefined) {
    throw outputMismatch('[N,4], [labels,N] and [finds,3]', outputs);
  }
  const count = boxes.data.length / 4;
  const found: Candidate[] = [];
  for (let row = 0; row < chosen.count; row += 1) {
    const label = chosen.at(row, 1);
    const place = chosen.at(row, 2);
    const at = (value: number): number => boxes.data[place * 4 + value] ?? Number.NaN;
    const score = scores.data[label * count + place] ?? Number.NaN;
    pushChosen(found, boxBetween(at(1), at(0), at(3), at(2)), context, label, score);
  }
  return found;
}
