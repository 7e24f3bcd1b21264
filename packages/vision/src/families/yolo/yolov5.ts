import { boxAround } from '../../boxes.ts';
import { type Candidate, pushLabels } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs, type Rows, tableOf } from '../../decoders/picture-outputs.ts';
import { isGridCount } from '../../grid.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText, tableFacts } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { RGB_UNIT_LETTERBOX } from '../input-rules.ts';

/**
 * YOLOv5 and YOLOv7 with decoded output: `[cells * 3, 5 + labels + others]`, or with the sides exchanged: centre x, centre y,
 * width, height in input pixels, objectness, classes, all final. Older exports give the raw maps beside it, which are not used.
 */
export const yolov5: Family = {
  decoder: 'yolov5',
  title: 'YOLOv5, YOLOv7 (detection or segmentation)',
  task: 'detection',
  recognise,
  decode: decodeYolov5,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const isCells = (count: number): boolean => isGridCount(facts.size, count, 3);
  const tables = facts.outputs.flatMap((output) => tableFacts(output, isCells) ?? []);
  const [table, ...more] = tables;
  // Boxes beside it, as YOLOv4 has them: then the table is scores only.
  const hasBoxes = facts.outputs.some((output) => output !== table?.output && output.dims.at(-1) === 4);
  if (table === undefined || more.length > 0 || table.width < 6 || hasBoxes) {
    return undefined;
  }
  const isUsualGrid = table.count !== undefined && isCells(table.count);
  const isOpen = table.count === undefined && !table.isChannelsFirst && facts.outputs.length === 1;
  if (!isUsualGrid && !isOpen) {
    return undefined;
  }
  const protos = facts.outputs.find(({ dims }) => dims.length === 3 && dims[1] === dims[2] && (dims[0] ?? 0) >= 8)
    ?.dims[0];
  const isPose = table.width === 57 && facts.names === undefined;
  const others = isPose ? 51 : protos !== undefined && table.width > 5 + protos ? protos : 0;
  const labelCount = table.width - 5 - others;
  const isNamed = facts.names?.length === labelCount;
  return {
    certainty: isNamed || isUsualGrid ? 'fixed' : 'guess',
    reasons: [
      `${outputText(table.output)}: 4 box values, objectness and ${labelCount} classes${others > 0 ? ` and ${others} others` : ''}`,
      ...(isUsualGrid
        ? [
            `${table.count} rows are three boxes for each cell of strides 8, 16, 32 at ${facts.size.width}x${facts.size.height}`,
          ]
        : []),
      ...(isNamed ? [`the metadata names ${labelCount} classes`] : []),
    ],
    labelCount,
    ...(isPose ? { labels: ['person'] } : {}),
    input: RGB_UNIT_LETTERBOX,
    thresholds: { score: 0.25, nms: 0.45 },
    ...(isOpen
      ? { assumed: ['decoder: the number of cells is open, so this may be another head with objectness'] }
      : {}),
    outputs: [table.output.name],
  };
}

/** Rows of a decoded box, objectness and classes, for all families that have them. */
export function decodeYolov5(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const { labels, floors } = context;
  const table = objectnessTable(outputs, context, 5 + labels.length);
  const found: Candidate[] = [];
  for (let cell = 0; cell < table.count; cell += 1) {
    const objectness = table.at(cell, 4);
    // A class score is at most 1, so the product cannot reach a floor that objectness misses. NaN is never above.
    if (objectness >= floors.lowest) {
      const box = boxAround(table.at(cell, 0), table.at(cell, 1), table.at(cell, 2), table.at(cell, 3));
      pushLabels(found, box, context, (label) => objectness * table.at(cell, 5 + label));
    }
  }
  return found;
}

/** The output of rows with at least `width` values. ConfigError MODEL_OUTPUT_SHAPE when there is none. */
export function objectnessTable(outputs: PictureOutputs, { input }: DecoderContext, width: number): Rows {
  const isCells = (count: number): boolean => isGridCount(input, count) || isGridCount(input, count, 3);
  const table = outputs.map((output) => tableOf(output, isCells)).find((each) => (each?.width ?? 0) >= width);
  if (table === undefined) {
    throw outputMismatch(`[cells,${width}]`, outputs);
  }
  return table;
}
