import { boxBetween, type Size } from '../../boxes.ts';
import { type Candidate, pushLabels } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs, tableOf } from '../../decoders/picture-outputs.ts';
import { isGridCount } from '../../grid.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText, tableFacts } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { RGB_UNIT_LETTERBOX, RGB_UNIT_STRETCH } from '../input-rules.ts';

/**
 * Boxes and scores of every cell, before any selection: YOLO-NAS, PP-YOLOE and DAMO-YOLO without NMS: `[cells, 4]` left, top,
 * right, bottom in input pixels, and `[cells, labels]`, either side first. YOLOv4 of PyTorch has three boxes a cell,
 * `[cells * 3, 1, 4]` as shares of the picture.
 */
export const denseBoxes: Family = {
  decoder: 'dense-boxes',
  title: 'YOLO-NAS, PP-YOLOE, DAMO-YOLO, YOLOv4 without NMS (boxes and scores of all cells)',
  task: 'detection',
  recognise,
  decode,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const isCells = (count: number): boolean => isCellCount(facts.size, count);
  const tables = facts.outputs.map((output) => tableFacts(withoutMiddle(output), isCells));
  const boxes = tables.find((table) => table?.width === 4 && table.count !== undefined && isCells(table.count));
  const scores = tables.find((table) => table !== boxes && table?.count === boxes?.count);
  if (boxes === undefined || scores === undefined || facts.outputs.length !== 2) {
    return undefined;
  }
  const isYolov4 = boxes.count !== undefined && isGridCount(facts.size, boxes.count, 3);
  return {
    certainty: 'shapes',
    reasons: [
      `${outputText(boxes.output)} and ${outputText(scores.output)}: a box and ${scores.width} scores for each cell`,
      `${boxes.count} are the ${isYolov4 ? 'boxes, three a cell,' : 'cells'} of strides 8, 16, 32 at ${facts.size.width}x${facts.size.height}`,
    ],
    labelCount: scores.width,
    input: isYolov4 ? RGB_UNIT_STRETCH : RGB_UNIT_LETTERBOX,
    thresholds: { score: 0.3, nms: 0.5 },
    assumed: [isYolov4 ? 'input: RGB, 0 to 1, stretched' : 'input: RGB, 0 to 1, letterbox'],
  };
}

/** One box a cell, or three. */
function isCellCount(input: Size, count: number): boolean {
  return isGridCount(input, count) || isGridCount(input, count, 3);
}

/** `[boxes, 1, 4]` as `[boxes, 4]`. */
function withoutMiddle<T extends { readonly dims: readonly (number | undefined)[] }>(output: T): T {
  const [count, middle, width] = output.dims;
  return output.dims.length === 3 && middle === 1 ? { ...output, dims: [count, width] } : output;
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const { input, labels, floors } = context;
  const tables = outputs.map((output) => tableOf(withoutMiddle(output), (count) => isCellCount(input, count)));
  const boxes = tables.find((table) => table?.width === 4 && isCellCount(input, table.count));
  const scores = tables.find((table) => table !== undefined && table !== boxes && table.width === labels.length);
  if (boxes === undefined || scores === undefined || boxes.count !== scores.count) {
    throw outputMismatch(`[cells,4] and [cells,${labels.length}]`, outputs);
  }
  const isUnit = boxes.data.every((value) => value <= 1.5);
  const [stepX, stepY] = isUnit ? [input.width, input.height] : [1, 1];
  const found: Candidate[] = [];
  for (let cell = 0; cell < boxes.count; cell += 1) {
    if (labels.some((_, label) => scores.at(cell, label) >= (floors.floor[label] as number))) {
      const at = (side: number): number => boxes.at(cell, side) * (side % 2 === 0 ? stepX : stepY);
      const box = boxBetween(at(0), at(1), at(2), at(3));
      pushLabels(found, box, context, (label) => scores.at(cell, label));
    }
  }
  return found;
}
