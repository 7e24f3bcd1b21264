import { InternalError, type RedactionMethod } from '@edgeveil/contracts';
import { blur } from './blur.ts';
import type { Raster } from './cell-grid.ts';
import { fillSolid } from './fill-solid.ts';
import type { PlannedMask } from './mask-plan.ts';
import { pixelate } from './pixelate.ts';

/**
 * Destroys the pixels inside the masks, in place. Where masks overlap, a later one reads what an earlier one left,
 * never the original: two grids of means over the same pixels would say more than one. The coarsest comes last, so it
 * is what an overlap shows. The order depends on the masks alone, so the same masks always give the same pixels.
 */
export function applyMasks(raster: Raster, masks: readonly PlannedMask[], method: RedactionMethod): void {
  const ordered = [...masks].sort((a, b) => a.cell - b.cell || compareBoxes(a, b));
  switch (method) {
    case 'solid':
      for (const { box } of ordered) fillSolid(raster, box);
      return;
    case 'pixelate':
      for (const { box, cell } of ordered) pixelate(raster, box, cell);
      return;
    case 'blur':
      // All are cut into cells before the first is smoothed: smoothing then only ever sees destroyed pixels.
      for (const { box, cell } of ordered) pixelate(raster, box, cell);
      for (const { box, cell } of ordered) blur(raster, box, cell);
      return;
    default:
      throw unknownMethod(method);
  }
}

function compareBoxes(a: PlannedMask, b: PlannedMask): number {
  for (let i = 0; i < 4; i++) {
    const difference = (a.box[i] ?? 0) - (b.box[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function unknownMethod(method: never): Error {
  return new InternalError('REDACTION_METHOD_UNKNOWN', `no redaction method is called ${String(method)}`);
}
