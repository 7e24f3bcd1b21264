import { boxAround } from '../../boxes.ts';
import { type Candidate, pushLabels } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs, type Rows, tableOf } from '../../decoders/picture-outputs.ts';
import { isGridCount } from '../../grid.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText, type TableFacts, tableFacts } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { RGB_UNIT_LETTERBOX } from '../input-rules.ts';

/**
 * YOLOv8, YOLO11 and YOLO12: `[4 + labels + others, cells]`, or with the sides exchanged. Rows 0 to 3 are centre x, centre y,
 * width and height in input pixels, then class scores after the sigmoid; there is no objectness. The others are coefficients
 * of masks or keypoints, which are not used.
 */
export const yolov8: Family = {
  decoder: 'yolov8',
  title: 'YOLOv8, YOLO11, YOLO12 (detection, segmentation or pose)',
  task: 'detection',
  recognise,
  decode,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const isCells = (count: number): boolean => isGridCount(facts.size, count);
  const tables = facts.outputs.flatMap((output) => tableFacts(output, isCells) ?? []);
  const [table, ...more] = tables;
  // YOLOv9 gives the same of its auxiliary branch beside it.
  const isTwice = more.length === 1 && more[0]?.output.dims.join() === table?.output.dims.join();
  const protos = facts.outputs.find(({ dims }) => dims.length === 3 && (dims[0] ?? 0) >= 8);
  const isAlone = facts.outputs.length === 1 || (facts.outputs.length === 2 && (protos !== undefined || isTwice));
  if (
    table === undefined ||
    (more.length > 0 && !isTwice) ||
    !isAlone ||
    table.width < 5 ||
    facts.metadata.task === 'obb'
  ) {
    return undefined;
  }
  const others = othersOf(facts, table, protos?.dims[0]);
  const labelCount = table.width - 4 - others.count;
  const task = facts.metadata.task;
  const isNamed =
    facts.names?.length === labelCount ||
    (facts.names === undefined && facts.labelFiles.some(({ labels }) => labels.length === labelCount));
  const isUsualGrid = table.count !== undefined && isCells(table.count);
  if (labelCount < 1 || (!table.isChannelsFirst && !isNamed && !(isUsualGrid && labelCount === 80))) {
    return undefined;
  }
  if (table.count !== undefined && !isUsualGrid && (!isNamed || table.count < 1000) && !isLong(table)) {
    return undefined;
  }
  return {
    certainty: isNamed || (isUsualGrid && table.isChannelsFirst) ? 'fixed' : isUsualGrid ? 'shapes' : 'guess',
    reasons: [
      `${outputText(table.output)}: 4 box values and ${labelCount} classes${others.text} for each of ${table.count ?? 'its'} cells, ` +
        `${table.isChannelsFirst ? 'channels first' : 'cells first'}, no objectness`,
      ...(isUsualGrid
        ? [`${table.count} cells are those of strides 8, 16, 32 at ${facts.size.width}x${facts.size.height}`]
        : []),
      ...(isNamed
        ? [
            facts.names === undefined
              ? `a list of ${labelCount} labels stands beside it`
              : `the metadata of Ultralytics names ${labelCount} classes${task === undefined ? '' : `, task ${task}`}`,
          ]
        : []),
    ],
    labelCount,
    ...(others.labels === undefined ? {} : { labels: others.labels }),
    input: RGB_UNIT_LETTERBOX,
    thresholds: { score: 0.25, nms: 0.45 },
    ...(others.labels === undefined
      ? {}
      : {
          assumed: ['labels: one class with 17 keypoints is assumed; 52 classes would look the same: put labels.txt'],
        }),
    outputs: [table.output.name],
  };
}

/** A head without a known number of cells must at least be much longer than wide. */
function isLong({ count, width, isChannelsFirst }: TableFacts): boolean {
  return isChannelsFirst && (count ?? 0) >= 400 && (count ?? 0) > 3 * width;
}

interface Others {
  readonly count: number;
  readonly text: string;
  readonly labels?: readonly string[];
}

function othersOf(facts: ModelFacts, { width }: TableFacts, protos: number | undefined): Others {
  if (protos !== undefined && width > 4 + protos) {
    return { count: protos, text: ` and ${protos} mask coefficients` };
  }
  const named = facts.names?.length;
  const rest = width - 4 - (named ?? 0);
  const isPose = facts.metadata.task === 'pose' || facts.metadata.kpt_shape !== undefined;
  // Five keypoints of two values are the least that anybody trains.
  if (named !== undefined && rest > 0 && (isPose || (rest >= 10 && (rest % 3 === 0 || rest % 2 === 0)))) {
    return { count: rest, text: ' and keypoints' };
  }
  // 17 keypoints of COCO for one class; 52 classes would look the same and are hardly ever met.
  return width === 56 && named === undefined
    ? { count: 51, text: ' and 17 keypoints of three values', labels: ['person'] }
    : { count: 0, text: '' };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const { labels, floors, input } = context;
  const table = outputs
    .map((output) => tableOf(output, (count) => isGridCount(input, count)))
    .find((each) => each !== undefined && each.width >= 4 + labels.length);
  if (table === undefined) {
    throw outputMismatch(`[${4 + labels.length},cells]`, outputs);
  }
  const isHit = hitsOf(table, floors.floor);
  const found: Candidate[] = [];
  for (let cell = isHit.indexOf(1); cell !== -1; cell = isHit.indexOf(1, cell + 1)) {
    const box = boxAround(table.at(cell, 0), table.at(cell, 1), table.at(cell, 2), table.at(cell, 3));
    pushLabels(found, box, context, (label) => table.at(cell, 4 + label));
  }
  return found;
}

/** Which cells have any label that counts. In the order of the memory, label by label: twice as fast as cell by cell. */
function hitsOf({ data, count, rowStep, columnStep }: Rows, floor: Float32Array): Uint8Array {
  const isHit = new Uint8Array(count);
  for (let label = 0; label < floor.length; label += 1) {
    const least = floor[label] as number;
    let place = (4 + label) * columnStep;
    for (let cell = 0; cell < count; cell += 1, place += rowStep) {
      // NaN is never at or above a floor.
      if ((data[place] as number) >= least) {
        isHit[cell] = 1;
      }
    }
  }
  return isHit;
}
