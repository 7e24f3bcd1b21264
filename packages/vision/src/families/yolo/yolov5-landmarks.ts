import { boxAround } from '../../boxes.ts';
import { type Candidate, pushLabels } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs } from '../../decoders/picture-outputs.ts';
import { isGridCount } from '../../grid.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText, tableFacts } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { RGB_UNIT_LETTERBOX } from '../input-rules.ts';
import { objectnessTable } from './yolov5.ts';

/** Points between objectness and classes: four corners of a plate, five landmarks of a face. */
const KINDS = [
  { width: 15, points: 8, label: 'plate', what: '4 corners and 2 classes (plates of one row and of two)' },
  { width: 16, points: 10, label: 'face', what: '5 landmarks and 1 class' },
] as const;

/**
 * YOLOv5-face and the plate detectors made of it: `[cells * 3, 15]` or `[cells * 3, 16]`: centre x, centre y, width, height
 * in input pixels, objectness, points, classes, all final. Plates of one row and of two are one label, unless two are given.
 */
export const yolov5Landmarks: Family = {
  decoder: 'yolov5-landmarks',
  title: 'YOLOv5-face (faces, or plates with corners)',
  task: 'detection',
  recognise,
  decode,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const isCells = (count: number): boolean => isGridCount(facts.size, count, 3);
  const [output, ...more] = facts.outputs;
  const table = output === undefined ? undefined : tableFacts(output, isCells);
  const kind = KINDS.find(({ width }) => width === table?.width);
  if (table?.count === undefined || more.length > 0 || !isCells(table.count) || kind === undefined) {
    return undefined;
  }
  if (facts.names !== undefined && facts.names.length === kind.width - 5) {
    return undefined;
  }
  return {
    certainty: 'fixed',
    reasons: [
      `${outputText(table.output)}: 4 box values, objectness, ${kind.what}`,
      `${table.count} rows are three boxes for each cell of strides 8, 16, 32 at ${facts.size.width}x${facts.size.height}`,
    ],
    labelCount: 1,
    labels: [kind.label],
    input: RGB_UNIT_LETTERBOX,
    thresholds: { score: 0.4, nms: 0.5 },
    assumed: [
      `decoder: yolov5 with ${kind.width - 5} classes has the same shape; say "decoder": "yolov5" if it is that`,
    ],
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const { labels, floors } = context;
  const table = objectnessTable(outputs, context, 15);
  const kind = KINDS.find(({ width }) => width === table.width);
  if (kind === undefined) {
    throw outputMismatch('[cells,15] or [cells,16]', outputs);
  }
  const first = 5 + kind.points;
  const found: Candidate[] = [];
  for (let cell = 0; cell < table.count; cell += 1) {
    const objectness = table.at(cell, 4);
    if (objectness >= floors.lowest) {
      const box = boxAround(table.at(cell, 0), table.at(cell, 1), table.at(cell, 2), table.at(cell, 3));
      const best =
        kind.width === 15 && labels.length === 1
          ? Math.max(table.at(cell, first), table.at(cell, first + 1))
          : undefined;
      pushLabels(found, box, context, (label) => objectness * (best ?? table.at(cell, first + label)));
    }
  }
  return found;
}
