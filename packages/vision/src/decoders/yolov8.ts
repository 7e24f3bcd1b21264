import { boxAround } from '../boxes.ts';
import { gridCells } from '../grid.ts';
import { type Candidate, pushLabels } from './candidate.ts';
import { type DecoderContext, floatsOf, type Outputs, onlyOutput } from './output-tensor.ts';

/**
 * YOLOv8 and YOLO11 detection head: `[batch, 4 + labels, cells]`, channels first. Rows 0 to 3 are centre x, centre y,
 * width and height in input pixels, the others class scores after the sigmoid; there is no objectness.
 */
export function decodeYolov8(outputs: Outputs, context: DecoderContext): Candidate[] {
  const { labels, floors, batch, index, input } = context;
  const cells = gridCells(input);
  const rows = 4 + labels.length;
  const { name } = onlyOutput(outputs, `[${batch},${rows},${cells}]`);
  const all = floatsOf(outputs, name, [batch, rows, cells]);
  const data = all.subarray(index * rows * cells, (index + 1) * rows * cells);

  // Row by row, because a row is contiguous: first which cells have any label that counts.
  const isHit = new Uint8Array(cells);
  for (let label = 0; label < labels.length; label += 1) {
    const floor = floors.floor[label] as number;
    const row = (4 + label) * cells;
    for (let cell = 0; cell < cells; cell += 1) {
      // NaN is never at or above a floor.
      if ((data[row + cell] as number) >= floor) {
        isHit[cell] = 1;
      }
    }
  }
  const found: Candidate[] = [];
  for (let cell = isHit.indexOf(1); cell !== -1; cell = isHit.indexOf(1, cell + 1)) {
    const value = (row: number): number => data[row * cells + cell] as number;
    const box = boxAround(value(0), value(1), value(2), value(3));
    pushLabels(found, box, context, (label) => value(4 + label));
  }
  return found;
}
