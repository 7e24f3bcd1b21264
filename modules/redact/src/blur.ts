import type { Box } from '@edgeveil/contracts';
import { averageCells, type CellGrid, edge, type Raster } from './cell-grid.ts';

/**
 * Replaces an area by a smooth run of colours. It is made from cell means alone (averaged into cells, the cells
 * smoothed, then interpolated), so undoing the smoothing (deconvolution) yields at most what `pixelate` shows. A
 * Gaussian filter over the pixels themselves would keep them recoverable.
 */
export function blur(raster: Raster, box: Box, cell: number): void {
  const { data, width } = raster;
  const grid = smooth(averageCells(raster, box, cell));
  const columns = grid.columnEdges.length - 1;
  const across = positions(grid.columnEdges);
  const down = positions(grid.rowEdges);
  const line = new Float32Array(columns * 3);
  const left = edge(grid.columnEdges, 0);
  const top = edge(grid.rowEdges, 0);
  for (let y = 0; y < down.lower.length; y++) {
    const above = edge(down.lower, y) * columns * 3;
    const below = edge(down.upper, y) * columns * 3;
    const share = down.share[y] as number;
    for (let i = 0; i < line.length; i++)
      line[i] = (grid.means[above + i] as number) * (1 - share) + (grid.means[below + i] as number) * share;
    let at = ((top + y) * width + left) * 3;
    for (let x = 0; x < across.lower.length; x++) {
      const from = edge(across.lower, x) * 3;
      const to = edge(across.upper, x) * 3;
      const right = across.share[x] as number;
      const kept = 1 - right;
      // + 0.5: storing into bytes cuts the fraction off.
      data[at++] = (line[from] as number) * kept + (line[to] as number) * right + 0.5;
      data[at++] = (line[from + 1] as number) * kept + (line[to + 1] as number) * right + 0.5;
      data[at++] = (line[from + 2] as number) * kept + (line[to + 2] as number) * right + 0.5;
    }
  }
}

/** Each cell becomes (1 2 1)/4 of itself and its neighbours, across and down; edges repeat. */
function smooth({ columnEdges, rowEdges, means }: CellGrid): CellGrid {
  const columns = columnEdges.length - 1;
  const rows = rowEdges.length - 1;
  const across = filter(means, { count: columns, step: 3, lines: rows, lineStep: columns * 3 });
  const both = filter(across, { count: rows, step: columns * 3, lines: columns, lineStep: 3 });
  return { columnEdges, rowEdges, means: both };
}

interface FilterAxis {
  readonly count: number;
  readonly step: number;
  readonly lines: number;
  readonly lineStep: number;
}

function filter(values: Float32Array, { count, step, lines, lineStep }: FilterAxis): Float32Array {
  const result = new Float32Array(values.length);
  for (let line = 0; line < lines; line++)
    for (let i = 0; i < count; i++)
      for (let channel = 0; channel < 3; channel++) {
        const base = line * lineStep + channel;
        const before = values[base + Math.max(0, i - 1) * step] as number;
        const own = values[base + i * step] as number;
        const after = values[base + Math.min(count - 1, i + 1) * step] as number;
        result[base + i * step] = (before + 2 * own + after) / 4;
      }
  return result;
}

interface Positions {
  /** For each pixel the two cells whose centres it lies between (the same one beyond the outer centres)… */
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  /** …and the share of the upper one. */
  readonly share: Float32Array;
}

function positions(edges: Int32Array): Positions {
  const count = edges.length - 1;
  const start = edge(edges, 0);
  const length = edge(edges, count) - start;
  const lower = new Int32Array(length);
  const upper = new Int32Array(length);
  const share = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    const at = ((i + 0.5) * count) / length - 0.5;
    const below = Math.floor(at);
    lower[i] = Math.max(0, below);
    upper[i] = Math.min(count - 1, below + 1);
    share[i] = at - below;
  }
  return { lower, upper, share };
}
