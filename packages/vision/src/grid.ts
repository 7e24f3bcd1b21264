import type { Size } from './boxes.ts';

/** Strides of the three feature maps of all supported heads. */
export const STRIDES = [8, 16, 32] as const;

/** Columns, rows and cells of the feature map with this stride. */
export function gridOf(
  input: Size,
  stride: number,
): { readonly columns: number; readonly rows: number; readonly cells: number } {
  const columns = Math.floor(input.width / stride);
  const rows = Math.floor(input.height / stride);
  return { columns, rows, cells: columns * rows };
}

/** Cells of all three maps together: 3549 for 416x416, 8400 for 640x640. */
export function gridCells(input: Size): number {
  return STRIDES.reduce((sum, stride) => sum + gridOf(input, stride).cells, 0);
}

/** Whether this is the number of cells of a head with the usual strides: 8 to 32, with 64 or 4 beside them, `perCell` boxes each. */
export function isGridCount(input: Size, count: number, perCell = 1): boolean {
  const usual = gridCells(input);
  const small = usual + gridOf(input, 4).cells;
  return [usual, usual + gridOf(input, 64).cells, small].some((cells) => cells * perCell === count);
}
