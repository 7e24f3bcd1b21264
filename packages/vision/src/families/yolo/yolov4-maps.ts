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
/** Anchors in pixels by stride, and how far the sigmoid of the centre is stretched. */
const MAPS: Readonly<Record<number, { readonly anchors: readonly number[]; readonly stretch: number }>> = {
  8: { anchors: [12, 16, 19, 36, 40, 28], stretch: 1.2 },
  16: { anchors: [36, 75, 76, 55, 72, 146], stretch: 1.1 },
  32: { anchors: [142, 110, 192, 243, 459, 401], stretch: 1.05 },
};

/**
 * Raw maps of YOLOv4 as the ONNX model zoo has it: for strides 8, 16, 32 `[height, width, 3, 5 + labels]`. The centre is
 * `(sigmoid(v) * stretch - (stretch - 1) / 2 + cell) * stride`, the size `exp(v) * anchor`. Objectness and classes have had
 * their sigmoid or not, which their values tell.
 */
export const yolov4Maps: Family = {
  decoder: 'yolov4-maps',
  title: 'YOLOv4 raw maps',
  task: 'detection',
  recognise,
  decode,
};

interface AnchorMap {
  readonly columns: number;
  readonly rows: number;
  readonly stride: number;
  readonly width: number;
}

function mapOf(dims: readonly (number | undefined)[], input: Size): AnchorMap | undefined {
  const [rows, columns, anchors, width] = dims;
  if (dims.length !== 4 || anchors !== ANCHORS_PER_CELL || rows === undefined || columns === undefined) {
    return undefined;
  }
  const stride = input.width / columns;
  const isMap = MAPS[stride] !== undefined && input.height / rows === stride && width !== undefined && width >= 6;
  return isMap ? { columns, rows, stride, width } : undefined;
}

function recognise(facts: ModelFacts): Recognition | undefined {
  const maps = facts.outputs.map(({ dims }) => mapOf(dims, facts.size));
  const [first] = maps;
  if (first === undefined || maps.length !== 3 || maps.some((map) => map?.width !== first.width)) {
    return undefined;
  }
  return {
    certainty: 'shapes',
    reasons: [
      `${facts.outputs.map(outputText).join(', ')}: three anchors with ${first.width} values for each cell of strides 8, 16, 32, channels last`,
    ],
    labelCount: first.width - 5,
    input: { ...RGB_UNIT_LETTERBOX, pad: 128 },
    thresholds: { score: 0.25, nms: 0.45 },
    assumed: ['decoder: the anchors of YOLOv4; a model trained with others must be exported with its decoder'],
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const found: Candidate[] = [];
  for (const { dims, data } of outputs) {
    const map = mapOf(dims, context.input);
    if (map === undefined || map.width < 5 + context.labels.length) {
      throw outputMismatch(`maps of three anchors with ${5 + context.labels.length} values`, outputs);
    }
    const { columns, rows, stride, width } = map;
    const { anchors = [], stretch = 1 } = MAPS[stride] ?? {};
    const share = areShares(data, width) ? (value: number): number => value : sigmoid;
    for (let place = 0; place < ANCHORS_PER_CELL * columns * rows; place += 1) {
      const at = (value: number): number => data[place * width + value] as number;
      const objectness = share(at(4));
      if (objectness >= context.floors.lowest) {
        const cell = Math.floor(place / ANCHORS_PER_CELL);
        const anchor = place % ANCHORS_PER_CELL;
        const centre = (value: number): number => sigmoid(at(value)) * stretch - (stretch - 1) / 2;
        const box = boxAround(
          (centre(0) + (cell % columns)) * stride,
          (centre(1) + Math.floor(cell / columns)) * stride,
          Math.exp(at(2)) * (anchors[2 * anchor] ?? 0),
          Math.exp(at(3)) * (anchors[2 * anchor + 1] ?? 0),
        );
        pushLabels(found, box, context, (label) => objectness * share(at(5 + label)));
      }
    }
  }
  return found;
}

/** Whether the objectness of every cell is between 0 and 1; logits of empty cells are far below. */
function areShares(data: Float32Array, width: number): boolean {
  for (let place = 4; place < data.length; place += width) {
    const value = data[place] as number;
    if (value < 0 || value > 1) {
      return false;
    }
  }
  return true;
}
