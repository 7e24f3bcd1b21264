import { boxAround } from '../boxes.ts';
import { gridOf, STRIDES } from '../grid.ts';
import { type Candidate, pushCandidate } from './candidate.ts';
import { type DecoderContext, floatsOf, type Outputs } from './output-tensor.ts';

/** Names of the twelve outputs and how many numbers each has per cell. */
export const YUNET_OUTPUTS = STRIDES.flatMap((stride) => [
  { name: `cls_${stride}`, stride, width: 1 },
  { name: `obj_${stride}`, stride, width: 1 },
  { name: `bbox_${stride}`, stride, width: 4 },
  { name: `kps_${stride}`, stride, width: 10 },
]);

/**
 * YuNet (2023): per stride class and objectness, both after the sigmoid; the score is the root of their product. Centre
 * is `(value + cell) * stride`, size `exp(value) * stride`. The five landmarks (`kps_`) are checked but not used.
 */
export function decodeYunet(outputs: Outputs, context: DecoderContext): Candidate[] {
  const { batch, index, input, floors } = context;
  for (const { name, stride, width } of YUNET_OUTPUTS) {
    floatsOf(outputs, name, [batch, gridOf(input, stride).cells, width]);
  }
  const found: Candidate[] = [];
  for (const stride of STRIDES) {
    const grid = gridOf(input, stride);
    const part = (name: string, width: number): Float32Array =>
      floatsOf(outputs, `${name}_${stride}`, [batch, grid.cells, width]).subarray(
        index * grid.cells * width,
        (index + 1) * grid.cells * width,
      );
    const classes = part('cls', 1);
    const objectness = part('obj', 1);
    const boxes = part('bbox', 4);
    for (let cell = 0; cell < grid.cells; cell += 1) {
      const score = Math.sqrt(unit(classes[cell] as number) * unit(objectness[cell] as number));
      // NaN is never at or above the floor.
      if (score >= floors.lowest) {
        const value = (position: number): number => boxes[cell * 4 + position] as number;
        const box = boxAround(
          (value(0) + (cell % grid.columns)) * stride,
          (value(1) + Math.floor(cell / grid.columns)) * stride,
          Math.exp(value(2)) * stride,
          Math.exp(value(3)) * stride,
        );
        pushCandidate(found, box, context, 0, score);
      }
    }
  }
  return found;
}

function unit(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
