import { boxBetween } from '../../boxes.ts';
import { type Candidate, pushLabels } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs, tableOf } from '../../decoders/picture-outputs.ts';
import { isGridCount } from '../../grid.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText, tableFacts } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { RGB_UNIT_LETTERBOX } from '../input-rules.ts';

/**
 * Boxes and scores of every cell, before any selection: YOLO-NAS, PP-YOLOE and DAMO-YOLO without NMS: `[cells, 4]` left, top,
 * right, bottom in input pixels, and `[cells, labels]`, either side first.
 */
export const denseBoxes: Family = {
  decoder: 'dense-boxes',
  title: 'YOLO-NAS, PP-YOLOE, DAMO-YOLO without NMS (boxes and scores of all cells)',
  task: 'detection',
  recognise,
  decode,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const isCells = (count: number): boolean => isGridCount(facts.size, count);
  const tables = facts.outputs.map((output) => tableFacts(output, isCells));
  const boxes = tables.find((table) => table?.width === 4 && table.count !== undefined && isCells(table.count));
  const scores = tables.find((table) => table !== boxes && table?.count === boxes?.count);
  if (boxes === undefined || scores === undefined || facts.outputs.length !== 2) {
    return undefined;
  }
  return {
    certainty: 'shapes',
    reasons: [
      `${outputText(boxes.output)} and ${outputText(scores.output)}: a box and ${scores.width} scores for each cell`,
      `${boxes.count} are the cells of strides 8, 16, 32 at ${facts.size.width}x${facts.size.height}`,
    ],
    labelCount: scores.width,
    input: RGB_UNIT_LETTERBOX,
    thresholds: { score: 0.3, nms: 0.5 },
    assumed: ['input: RGB, 0 to 1, letterbox'],
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const { input, labels, floors } = context;
  const tables = outputs.map((output) => tableOf(output, (count) => isGridCount(input, count)));
  const boxes = tables.find((table) => table?.width === 4 && isGridCount(input, table.count));
  const scores = tables.find((table) => table !== undefined && table !== boxes && table.width === labels.length);
  if (boxes === undefined || scores === undefined || boxes.count !== scores.count) {
    throw outputMismatch(`[cells,4] and [cells,${labels.length}]`, outputs);
  }
  const found: Candidate[] = [];
  for (let cell = 0; cell < boxes.count; cell += 1) {
    if (labels.some((_, label) => scores.at(cell, label) >= (floors.floor[label] as number))) {
      const box = boxBetween(boxes.at(cell, 0), boxes.at(cell, 1), boxes.at(cell, 2), boxes.at(cell, 3));
      pushLabels(found, box, context, (label) => scores.at(cell, label));
    }
  }
  return found;
}
