import type { Box } from '@edgeveil/contracts';
import { averageCells, edge, type Raster } from './cell-grid.ts';

/** Replaces an area by cells of one colour each: their mean. */
export function pixelate(raster: Raster, box: Box, cell: number): void {
  const { data, width } = raster;
  const { columnEdges, rowEdges, means } = averageCells(raster, box, cell);
  const columns = columnEdges.length - 1;
  const left = edge(columnEdges, 0);
  const right = edge(columnEdges, columns);
  for (let row = 0; row + 1 < rowEdges.length; row++) {
    const top = edge(rowEdges, row);
    let at = (top * width + left) * 3;
    for (let column = 0; column < columns; column++) {
      const from = (row * columns + column) * 3;
      const red = Math.round(means[from] as number);
      const green = Math.round(means[from + 1] as number);
      const blue = Math.round(means[from + 2] as number);
      const end = (top * width + edge(columnEdges, column + 1)) * 3;
      for (; at < end; at += 3) {
        data[at] = red;
        data[at + 1] = green;
        data[at + 2] = blue;
      }
    }
    const first = (top * width + left) * 3;
    const rowBytes = (right - left) * 3;
    for (let y = top + 1; y < edge(rowEdges, row + 1); y++)
      data.copyWithin((y * width + left) * 3, first, first + rowBytes);
  }
}
