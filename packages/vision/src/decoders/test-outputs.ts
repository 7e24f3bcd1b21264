import { gridCells, gridOf, STRIDES } from '../grid.ts';
import { type ScoreThresholds, scoreFloors } from '../score-floors.ts';
import type { DecoderContext, Outputs } from './output-tensor.ts';
import { YUNET_OUTPUTS } from './yunet.ts';

/** Input of 64x64: 64 + 16 + 4 cells. */
export const INPUT = { width: 64, height: 64 };

export function contextOf(
  labels: readonly string[],
  thresholds: ScoreThresholds = { score: 0.5 },
  batch = { size: 1, index: 0 },
): DecoderContext {
  return { input: INPUT, labels, floors: scoreFloors(labels, thresholds), batch: batch.size, index: batch.index };
}

/** Position of a cell among all cells. */
export function cellOf(stride: number, column: number, row: number): number {
  const before = STRIDES.filter((each) => each < stride).reduce((sum, each) => sum + gridOf(INPUT, each).cells, 0);
  return before + row * gridOf(INPUT, stride).columns + column;
}

/** A YOLOv8 output with these cells set, all others 0: box, then scores. */
export function yolov8Outputs(labels: number, cells: Readonly<Record<number, readonly number[]>>, batch = 1): Outputs {
  const count = gridCells(INPUT);
  const data = new Float32Array(batch * (4 + labels) * count);
  for (const [cell, values] of Object.entries(cells)) {
    values.forEach((value, row) => {
      data[((batch - 1) * (4 + labels) + row) * count + Number(cell)] = value;
    });
  }
  return { output0: { dims: [batch, 4 + labels, count], data } };
}

/** A YOLOX output with these cells set: box, objectness, scores. */
export function yoloxOutputs(labels: number, cells: Readonly<Record<number, readonly number[]>>, batch = 1): Outputs {
  const count = gridCells(INPUT);
  const width = 5 + labels;
  const data = new Float32Array(batch * count * width);
  for (const [cell, values] of Object.entries(cells)) {
    data.set(values, ((batch - 1) * count + Number(cell)) * width);
  }
  return { output: { dims: [batch, count, width], data } };
}

/** YuNet outputs that say nothing but what is set by name and cell of that map. */
export function yunetOutputs(values: Readonly<Record<string, Readonly<Record<number, readonly number[]>>>>): Outputs {
  return Object.fromEntries(
    YUNET_OUTPUTS.map(({ name, stride, width }) => {
      const { cells } = gridOf(INPUT, stride);
      const data = new Float32Array(cells * width);
      for (const [cell, numbers] of Object.entries(values[name] ?? {})) {
        data.set(numbers, Number(cell) * width);
      }
      return [name, { dims: [1, cells, width], data }];
    }),
  );
}
