import type { Box } from '@edgeveil/contracts';

/** Pixels that are changed in place: three bytes each (red, green, blue), rows without padding. */
export interface Raster {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** What is left of an area once it is cut into cells: one mean colour each. */
export interface CellGrid {
  /** Where cells begin, in pixels of the raster, and the end of the last: one more than there are columns. */
  readonly columnEdges: Int32Array;
  readonly rowEdges: Int32Array;
  /** Mean red, green and blue of each cell, row by row. */
  readonly means: Float32Array;
}

/**
 * Averages an area of whole pixels inside the raster into cells. No cell has a side shorter than `cell` unless the
 * whole area has: what does not divide evenly makes cells larger, never leaves a narrow one at the edge.
 */
export function averageCells(raster: Raster, [left, top, width, height]: Box, cell: number): CellGrid {
  const { data } = raster;
  const columnEdges = cut(left, width, cell);
  const rowEdges = cut(top, height, cell);
  const columns = columnEdges.length - 1;
  const rows = rowEdges.length - 1;
  const means = new Float32Array(rows * columns * 3);
  const sums = new Float64Array(columns * 3);
  for (let row = 0; row < rows; row++) {
    sums.fill(0);
    const yEnd = edge(rowEdges, row + 1);
    for (let y = edge(rowEdges, row); y < yEnd; y++) addRow(data, y * raster.width, columnEdges, sums);
    const cellHeight = yEnd - edge(rowEdges, row);
    for (let column = 0; column < columns; column++) {
      const area = cellHeight * (edge(columnEdges, column + 1) - edge(columnEdges, column));
      for (let channel = 0; channel < 3; channel++) {
        const sum = sums[column * 3 + channel] ?? 0;
        means[(row * columns + column) * 3 + channel] = sum / area;
      }
    }
  }
  return { columnEdges, rowEdges, means };
}

/** Adds one row of pixels to the sums of its cells. Whole numbers inside, so that V8 keeps them in registers. */
function addRow(data: Uint8Array, rowStart: number, columnEdges: Int32Array, sums: Float64Array): void {
  let at = (rowStart + edge(columnEdges, 0)) * 3;
  for (let column = 0; column + 1 < columnEdges.length; column++) {
    const end = (rowStart + edge(columnEdges, column + 1)) * 3;
    let red = 0;
    let green = 0;
    let blue = 0;
    for (; at < end; at += 3) {
      red += data[at] as number;
      green += data[at + 1] as number;
      blue += data[at + 2] as number;
    }
    const to = column * 3;
    sums[to] = (sums[to] as number) + red;
    sums[to + 1] = (sums[to + 1] as number) + green;
    sums[to + 2] = (sums[to + 2] as number) + blue;
  }
}

function cut(start: number, length: number, cell: number): Int32Array {
  const count = Math.max(1, Math.floor(length / cell));
  return Int32Array.from({ length: count + 1 }, (_, i) => start + Math.round((i * length) / count));
}

/** Typed arrays answer `undefined` beyond their end; indices here come from their own length. */
export function edge(edges: Int32Array, index: number): number {
  return edges[index] as number;
}
