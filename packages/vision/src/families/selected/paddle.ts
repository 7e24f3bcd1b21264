import { boxBetween } from '../../boxes.ts';
import { type Candidate, pushChosen } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs, rowsOf } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { RGB_IMAGENET, RGB_UNIT_STRETCH } from '../input-rules.ts';

/**
 * PaddleDetection (PP-YOLOE, PicoDet) with NMS: `[finds, 6]`: class, score, left, top, right, bottom in pixels, and how many. Known by
 * its input `scale_factor`, without which the list would look like that of an end-to-end YOLO.
 */
export const paddle: Family = {
  decoder: 'paddle',
  title: 'PP-YOLOE, PicoDet and others of PaddleDetection',
  task: 'detection',
  recognise,
  decode,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const list = facts.outputs.find(({ dims }) => dims.length === 2 && dims[1] === 6);
  if (list === undefined || !facts.others.some(({ name }) => name === 'scale_factor' || name === 'im_shape')) {
    return undefined;
  }
  return {
    certainty: 'fixed',
    reasons: [
      `${outputText(list)}: a list of class, score, left, top, right and bottom`,
      `it asks for ${facts.others.map(({ name }) => name).join(' and ')} beside the picture`,
    ],
    labelCount: undefined,
    // PP-YOLOE+ divides by 255 only; what came before subtracts the means of ImageNet.
    input: facts.others.some(({ name }) => name === 'im_shape') ? RGB_UNIT_STRETCH : RGB_IMAGENET,
    thresholds: { score: 0.3, nms: 1 },
    isSingle: true,
    assumed: ['input: mean and deviation; PP-YOLOE+ wants 0 and 1, PP-YOLOE and PicoDet those of ImageNet'],
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const rows = outputs.map((output) => rowsOf(output, 6)).find((each) => each !== undefined);
  if (rows === undefined) {
    throw outputMismatch('[finds,6]', outputs);
  }
  const found: Candidate[] = [];
  for (let row = 0; row < rows.count; row += 1) {
    const at = (column: number): number => rows.at(row, column);
    pushChosen(found, boxBetween(at(2), at(3), at(4), at(5)), context, at(0), at(1));
  }
  return found;
}
