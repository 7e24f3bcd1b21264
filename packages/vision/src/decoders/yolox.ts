import { boxAround } from '../boxes.ts';
import { gridCells, gridOf, STRIDES } from '../grid.ts';
import { type Candidate, pushLabels } from './candidate.ts';
import { type DecoderContext, floatsOf, type Outputs, onlyOutput } from './output-tensor.ts';

/**
 * YOLOX head: `[batch, cells, 5 + labels]`, cells of strides 8, 16, 32 one after the other, row-major. Centre is
 * `(value + cell) * stride`, size `exp(value) * stride`; objectness and classes have had their sigmoid and are multiplied.
 */
export function decodeYolox(outputs: Outputs, context: DecoderContext): Candidate[] {
  const { labels, floors, batch, index, input } = context;
  const cells = gridCells(input);
  const width = 5 + labels.length;
  const { name } = onlyOutput(outputs, `[${batch},${cells},${width}]`);
  const all = floatsOf(outputs, name, [batch, cells, width]);
  const data = all.subarray(index * cells * width, (index + 1) * cells * width);

  const found: Candidate[] = [];
  let offset = 0;
  for (const stride of STRIDES) {
    const grid = gridOf(input, stride);
    for (let cell = 0; cell < grid.cells; cell += 1, offset += width) {
      const objectness = data[offset + 4] as number;
      // A class score is at most 1, so the product cannot reach a floor that objectness misses. NaN is never above.
      if (objectness >= floors.lowest) {
        const start = offset;
        const value = (position: number): number => data[start + position] as number;
        const box = boxAround(
          (value(0) + (cell % grid.columns)) * stride,
          (value(1) + Math.floor(cell / grid.columns)) * stride,
          Math.exp(value(2)) * stride,
          Math.exp(value(3)) * stride,
        );
        pushLabels(found, box, context, (label) => objectness * value(5 + label));
      }
    }
  }
  return found;
}
