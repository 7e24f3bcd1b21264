import { boxAround } from '../../boxes.ts';
import { type Candidate, pushLabels } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs } from '../../decoders/picture-outputs.ts';
import { gridCells, gridOf, STRIDES } from '../../grid.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText, shareOfRows, type TableFacts, tableFacts } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { BGR_RAW_LETTERBOX, RGB_UNIT_LETTERBOX } from '../input-rules.ts';
import { decodeYolov5, objectnessTable } from './yolov5.ts';

/**
 * YOLOX: `[cells, 5 + labels]`, cells of strides 8, 16, 32 one after the other, row-major. Centre is
 * `(value + cell) * stride`, size `exp(value) * stride`; objectness and classes have had their sigmoid and are multiplied.
 */
export const yolox: Family = {
  decoder: 'yolox',
  title: 'YOLOX',
  task: 'detection',
  recognise: (facts) => {
    const table = headOf(facts);
    return table === undefined || isDecoded(table) ? undefined : recognitionOf(facts, table);
  },
  decode: decodeYolox,
};

/** The same head with boxes in pixels: YOLOX exported with its decoder, and YOLOv6, whose objectness is always 1. */
export const yoloxDecoded: Family = {
  decoder: 'yolox-decoded',
  title: 'YOLOX with decoded boxes, or YOLOv6',
  task: 'detection',
  recognise: (facts) => {
    const table = headOf(facts);
    if (table === undefined || !isDecoded(table)) {
      return undefined;
    }
    const isYolov6 = table.sample(0, 4) === 1 && table.sample((table.count ?? 1) - 1, 4) === 1;
    return {
      ...recognitionOf(facts, table),
      reasons: [
        ...recognitionOf(facts, table).reasons,
        'on an empty picture its box centres spread over the whole input, so they are pixels',
        ...(isYolov6 ? ['objectness is 1 everywhere, as YOLOv6 writes it'] : []),
      ],
      input: isYolov6 ? RGB_UNIT_LETTERBOX : BGR_RAW_LETTERBOX,
    };
  },
  decode: decodeYolov5,
};

function headOf(facts: ModelFacts): TableFacts | undefined {
  const cells = gridCells(facts.size);
  const [output, ...more] = facts.outputs;
  const table = output === undefined ? undefined : tableFacts(output, (count) => count === cells);
  const isHead = table !== undefined && more.length === 0 && table.count === cells && !table.isChannelsFirst;
  if (!isHead || table.width < 6) {
    return undefined;
  }
  // As many classes as a head without objectness would have, those named or those of COCO: YOLOv8 with its sides exchanged.
  const withoutObjectness = table.width - 4;
  return (facts.names?.length ?? listedCount(facts, table) ?? 80) === withoutObjectness ? undefined : table;
}

/** Sides are logarithms in raw heads: e to the tenth is 22,000 strides. */
const MAX_LOG_SIDE = 10;

/** Raw centres are offsets of a few cells; decoded ones reach the far corner. Raw sides are small; decoded ones are pixels. */
function isDecoded(table: TableFacts): boolean {
  const last = (table.count ?? 1) - 1;
  const isFarCorner = (table.sample(last, 0) ?? 0) > 40 && (table.sample(last, 1) ?? 0) > 40;
  return isFarCorner || shareOfRows(table, (row) => (table.sample(row, 2) ?? 0) > MAX_LOG_SIDE) > 0.5;
}

/** As many classes as a list beside the model has, if that is a number that the head could have. */
function listedCount({ labelFiles }: ModelFacts, { width }: TableFacts): number | undefined {
  return labelFiles.map(({ labels }) => labels.length).find((count) => count === width - 5 || count === width - 4);
}

function recognitionOf(facts: ModelFacts, table: TableFacts): Recognition {
  const labelCount = table.width - 5;
  const isCounted = labelCount === 80 || (facts.names?.length ?? listedCount(facts, table)) === labelCount;
  return {
    certainty: isCounted ? 'fixed' : 'shapes',
    reasons: [
      `${outputText(table.output)}: 4 box values, objectness and ${labelCount} classes for each cell`,
      `${table.count} rows are the cells of strides 8, 16, 32 at ${facts.size.width}x${facts.size.height}, one box each`,
    ],
    labelCount,
    input: BGR_RAW_LETTERBOX,
    thresholds: { score: 0.3, nms: 0.45 },
    ...(isCounted
      ? {}
      : {
          assumed: [
            `labels: ${labelCount} with objectness, as YOLOX; ${labelCount + 1} without would be YOLOv8 with its sides exchanged: put them into labels.txt`,
          ],
        }),
  };
}

function decodeYolox(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const { labels, floors, input } = context;
  const cells = gridCells(input);
  const table = objectnessTable(outputs, context, 5 + labels.length);
  if (table.count !== cells) {
    throw outputMismatch(`[${cells},${5 + labels.length}]`, outputs);
  }
  const found: Candidate[] = [];
  let place = 0;
  for (const stride of STRIDES) {
    const grid = gridOf(input, stride);
    for (let cell = 0; cell < grid.cells; cell += 1, place += 1) {
      const objectness = table.at(place, 4);
      // A class score is at most 1, so the product cannot reach a floor that objectness misses. NaN is never above.
      if (objectness >= floors.lowest) {
        const row = place;
        const box = boxAround(
          (table.at(row, 0) + (cell % grid.columns)) * stride,
          (table.at(row, 1) + Math.floor(cell / grid.columns)) * stride,
          Math.exp(table.at(row, 2)) * stride,
          Math.exp(table.at(row, 3)) * stride,
        );
        pushLabels(found, box, context, (label) => objectness * table.at(row, 5 + label));
      }
    }
  }
  return found;
}
