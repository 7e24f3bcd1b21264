import { boxAround, type Size } from '../../boxes.ts';
import { type Candidate, pushLabels } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { sigmoid } from '../../decoders/distribution.ts';
import { outputMismatch, type PictureOutputs } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { RGB_UNIT_LETTERBOX } from '../input-rules.ts';

const ANCHORS_PER_CELL = 3;
/** Anchors of YOLOv5 in pixels, by stride; YOLOv7 has others of nearly the same sizes. */
const ANCHORS: Readonly<Record<number, readonly number[]>> = {
  8: [10, 13, 16, 30, 33, 23],
  16: [30, 61, 62, 45, 59, 119],
  32: [116, 90, 156, 198, 373, 326],
};

/**
 * Raw maps of YOLOv5: for strides 8, 16, 32 `[3, height, width, 5 + labels]` or `[3 * (5 + labels), height, width]`. After the
 * sigmoid the centre is `(2v - 0.5 + cell) * stride`, the size `(2v)^2 * anchor`.
 */
export const anchorMaps: Family = {
  decoder: 'yolov5-maps',
  title: 'YOLOv5 raw maps',
  task: 'detection',
  recognise,
  decode,
};

interface AnchorMap {
  readonly columns: number;
  readonly rows: number;
  readonly stride: number;
  readonly width: number;
  readonly hasChannelsFirst: boolean;
}

function mapOf(dims: readonly (number | undefined)[], input: Size): AnchorMap | undefined {
  const isFour = dims.length === 4 && dims[0] === ANCHORS_PER_CELL;
  const [channels, rows, columns] = isFour ? [dims[3], dims[1], dims[2]] : dims;
  if ((!isFour && dims.length !== 3) || channels === undefined || rows === undefined || columns === undefined) {
    return undefined;
  }
  const stride = input.width / columns;
  const width = isFour ? channels : channels / ANCHORS_PER_CELL;
  const isMap =
    ANCHORS[stride] !== undefined && input.height / rows === stride && Number.isInteger(width) && width >= 6;
  return isMap ? { columns, rows, stride, width, hasChannelsFirst: !isFour } : undefined;
}

function recognise(facts: ModelFacts): Recognition | undefined {
  const maps = facts.outputs.map(({ dims }) => mapOf(dims, facts.size));
  const [first] = maps;
  if (first === undefined || maps.length !== 3 || maps.some((map) => map?.width !== first.width)) {
    return undefined;
  }
  return {
    certainty: first.hasChannelsFirst ? 'guess' : 'fixed',
    reasons: [
      `${facts.outputs.map(outputText).join(', ')}: three anchors with ${first.width} values for each cell of strides 8, 16, 32`,
    ],
    labelCount: first.width - 5,
    input: RGB_UNIT_LETTERBOX,
    thresholds: { score: 0.25, nms: 0.45 },
    assumed: [
      'decoder: the anchors of YOLOv5; a model trained with others must be exported with its decoder',
      ...(first.hasChannelsFirst
        ? ['decoder: maps of YOLOv3 and YOLOv4 look the same; they are not decoded, export them with boxes']
        : []),
    ],
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const found: Candidate[] = [];
  for (const { dims, data } of outputs) {
    const map = mapOf(dims, context.input);
    if (map === undefined || map.width < 5 + context.labels.length) {
      throw outputMismatch(`maps of three anchors with ${5 + context.labels.length} values`, outputs);
    }
    const { columns, rows, stride, width, hasChannelsFirst } = map;
    const cells = columns * rows;
    const anchors = ANCHORS[stride] ?? [];
    for (let place = 0; place < ANCHORS_PER_CELL * cells; place += 1) {
      const anchor = Math.floor(place / cells);
      const cell = place % cells;
      const at = (value: number): number =>
        sigmoid(data[hasChannelsFirst ? (anchor * width + value) * cells + cell : place * width + value] as number);
      const objectness = at(4);
      if (objectness >= context.floors.lowest) {
        const box = boxAround(
          (2 * at(0) - 0.5 + (cell % columns)) * stride,
          (2 * at(1) - 0.5 + Math.floor(cell / columns)) * stride,
          (2 * at(2)) ** 2 * (anchors[2 * anchor] ?? 0),
          (2 * at(3)) ** 2 * (anchors[2 * anchor + 1] ?? 0),
        );
        pushLabels(found, box, context, (label) => objectness * at(5 + label));
      }
    }
  }
  return found;
}
