import type { Box } from '@edgeveil/contracts';
import type { Raster } from './cell-grid.ts';

/** Replaces an area by black. */
export function fillSolid({ data, width }: Raster, [left, top, boxWidth, boxHeight]: Box): void {
  for (let y = top; y < top + boxHeight; y++) {
    const from = (y * width + left) * 3;
    data.fill(0, from, from + boxWidth * 3);
  }
}
