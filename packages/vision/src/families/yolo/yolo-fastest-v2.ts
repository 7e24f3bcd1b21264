import { boxAround } from '../../boxes.ts';
import { type Candidate, pushLabels } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs, tableOf } from '../../decoders/picture-outputs.ts';
import { gridOf } from '../../grid.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText, tableFacts } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { BGR_UNIT_STRETCH } from '../input-rules.ts';

/** Width and height of the three anchors of each stride, in pixels of an input of 352. */
const MAPS = [
  { stride: 16, anchors: [12.64, 19.39, 37.88, 51.48, 55.71, 138.31] },
  { stride: 32, anchors: [126.91, 78.23, 131.57, 214.55, 279.92, 258.87] },
] as const;
const ANCHORS = 3;
const CLASSES_AT = ANCHORS * 5;

/**
 * YOLO-FastestV2: `[cells, 15 + labels]`, cells of strides 16 and 32 one after the other. A cell has 12 box values (3 anchors
 * of 4, sigmoid done), 3 objectness and classes that its anchors share (softmax done).
 */
export const yoloFastestV2: Family = {
  decoder: 'yolo-fastest-v2',
  title: 'YOLO-FastestV2',
  task: 'detection',
  recognise,
  decode,
};

function cellsOf(size: { readonly width: number; readonly height: number }): number {
  return MAPS.reduce((sum, { stride }) => sum + gridOf(size, stride).cells, 0);
}

function recognise(facts: ModelFacts): Recognition | undefined {
  const cells = cellsOf(facts.size);
  const [output, ...more] = facts.outputs;
  const table = output === undefined ? undefined : tableFacts(output, (count) => count === cells);
  if (table === undefined || more.length > 0 || table.count !== cells || table.width <= CLASSES_AT) {
    return undefined;
  }
  const labelCount = table.width - CLASSES_AT;
  return {
    certainty: labelCount === 80 ? 'fixed' : 'shapes',
    reasons: [
      `${outputText(table.output)}: 12 box values, 3 objectness and ${labelCount} classes`,
      `${cells} rows are the cells of strides 16 and 32 at ${facts.size.width}x${facts.size.height}`,
    ],
    labelCount,
    input: BGR_UNIT_STRETCH,
    thresholds: { score: 0.3, nms: 0.45 },
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const { input, labels, floors } = context;
  const cells = cellsOf(input);
  const table = outputs
    .map((output) => tableOf(output, (count) => count === cells))
    .find((each) => each?.count === cells);
  if (table === undefined || table.width < CLASSES_AT + labels.length) {
    throw outputMismatch(`[${cells},${CLASSES_AT + labels.length}]`, outputs);
  }
  const found: Candidate[] = [];
  let row = 0;
  for (const { stride, anchors } of MAPS) {
    const grid = gridOf(input, stride);
    for (let cell = 0; cell < grid.cells; cell += 1, row += 1) {
      const at = row;
      for (let anchor = 0; anchor < ANCHORS; anchor += 1) {
        const objectness = table.at(at, 12 + anchor);
        if (objectness >= floors.lowest) {
          const value = (position: number): number => table.at(at, anchor * 4 + position) * 2;
          const box = boxAround(
            (value(0) - 0.5 + (cell % grid.columns)) * stride,
            (value(1) - 0.5 + Math.floor(cell / grid.columns)) * stride,
            value(2) ** 2 * (anchors[anchor * 2] ?? 0),
            value(3) ** 2 * (anchors[anchor * 2 + 1] ?? 0),
          );
          pushLabels(found, box, context, (label) => objectness * table.at(at, CLASSES_AT + label));
        }
      }
    }
  }
  return found;
}
