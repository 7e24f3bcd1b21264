import { boxAround } from '../../boxes.ts';
import { type Candidate, pushLabels } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { sigmoid } from '../../decoders/distribution.ts';
import { outputMismatch, type PictureOutputs } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText } from '../../recognition/table-facts.ts';
import { customVisionInput } from '../custom-vision-input.ts';
import type { Family, Recognition } from '../family.ts';

/** Width and height in cells, as Custom Vision trains all its compact domains. */
const ANCHORS = [0.573, 0.677, 1.87, 2.06, 3.34, 5.47, 7.88, 3.53, 9.77, 9.17] as const;
const ANCHOR_COUNT = ANCHORS.length / 2;
const STRIDE = 32;

/**
 * Custom Vision, General (compact): one map of YOLOv2, `[5 * (5 + labels), height / 32, width / 32]`. Centre `v + cell` without
 * a sigmoid, size `exp(v) * anchor`, both in cells; objectness sigmoid, classes softmax.
 */
export const customVisionYolo: Family = {
  decoder: 'custom-vision-yolo',
  title: 'Custom Vision detection, General (compact)',
  task: 'detection',
  recognise,
  decode,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const [output, ...more] = facts.outputs;
  const [channels, rows, columns] = output?.dims ?? [];
  const labelCount = (channels ?? 0) / ANCHOR_COUNT - 5;
  const isGrid =
    (rows === undefined || rows === Math.floor(facts.size.height / STRIDE)) &&
    (columns === undefined || columns === Math.floor(facts.size.width / STRIDE));
  if (output?.dims.length !== 3 || more.length > 0 || !isGrid || !Number.isInteger(labelCount) || labelCount < 1) {
    return undefined;
  }
  const { input, reasons } = customVisionInput(facts);
  const isNamed = facts.metadata['CustomVision.Postprocess.Method']?.toLowerCase().startsWith('yolo') === true;
  const isLike = isNamed || reasons.length > 0 || facts.image.name === 'data' || output.name.startsWith('model_output');
  return {
    certainty: isNamed ? 'fixed' : isLike ? 'shapes' : 'guess',
    reasons: [
      `${outputText(output)}: one map of stride 32, five anchors with 5 values and ${labelCount} classes`,
      ...(isNamed ? ['the metadata says CustomVision.Postprocess.Method=Yolo'] : []),
      ...reasons,
    ],
    labelCount,
    input,
    thresholds: { score: 0.3, nms: 0.45 },
    ...(isLike
      ? {}
      : {
          assumed: [
            'decoder: the anchors of Custom Vision; YOLOv2 of Darknet and Tiny YOLOv2 have others, and a sigmoid on the centre',
          ],
        }),
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const { labels, floors } = context;
  const width = 5 + labels.length;
  const output = outputs.find(({ dims }) => dims.length === 3 && dims[0] === ANCHOR_COUNT * width);
  if (output === undefined) {
    throw outputMismatch(`[${ANCHOR_COUNT * width},rows,columns]`, outputs);
  }
  const [, rows = 0, columns = 0] = output.dims;
  const cells = rows * columns;
  // By the input, not by 32: the picture was brought to a multiple of it.
  const stepX = context.input.width / columns;
  const stepY = context.input.height / rows;
  const found: Candidate[] = [];
  for (let place = 0; place < ANCHOR_COUNT * cells; place += 1) {
    const anchor = Math.floor(place / cells);
    const cell = place % cells;
    const at = (value: number): number => output.data[(anchor * width + value) * cells + cell] as number;
    const objectness = sigmoid(at(4));
    if (objectness >= floors.lowest) {
      const box = boxAround(
        (at(0) + (cell % columns)) * stepX,
        (at(1) + Math.floor(cell / columns)) * stepY,
        Math.exp(at(2)) * (ANCHORS[2 * anchor] ?? 0) * stepX,
        Math.exp(at(3)) * (ANCHORS[2 * anchor + 1] ?? 0) * stepY,
      );
      const logits = labels.map((_, label) => at(5 + label));
      const highest = Math.max(...logits);
      const sum = logits.reduce((total, logit) => total + Math.exp(logit - highest), 0);
      pushLabels(found, box, context, (label) => (objectness * Math.exp((logits[label] ?? 0) - highest)) / sum);
    }
  }
  return found;
}
