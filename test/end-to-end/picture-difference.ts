import type { Box } from '@edgeveil/contracts';
import type { Pixels } from '@edgeveil/picture-codec';

type Region = readonly [x0: number, y0: number, x1: number, y1: number];

function toRegion([x, y, width, height]: Box, picture: Pixels): Region {
  return [
    Math.max(0, Math.floor(x)),
    Math.max(0, Math.floor(y)),
    Math.min(picture.width, Math.ceil(x + width)),
    Math.min(picture.height, Math.ceil(y + height)),
  ];
}

/** Mean absolute difference per colour value (0 to 255) of two pictures of one size inside a box. */
export function differenceInside(a: Pixels, b: Pixels, box: Box): number {
  const [x0, y0, x1, y1] = toRegion(box, a);
  let sum = 0;
  for (let y = y0; y < y1; y += 1) {
    const end = (y * a.width + x1) * 3;
    for (let i = (y * a.width + x0) * 3; i < end; i += 1) sum += Math.abs((a.data[i] ?? 0) - (b.data[i] ?? 0));
  }
  return sum / ((x1 - x0) * (y1 - y0) * 3);
}

/**
 * Mean and largest-block difference of two pictures outside the boxes. The largest block is the worst mean over an 8x8
 * block of which no pixel lies in a box: an area that was masked without being named would show there.
 */
export function differenceOutside(a: Pixels, b: Pixels, boxes: readonly Box[]): { mean: number; worstBlock: number } {
  const inside = new Uint8Array(a.width * a.height);
  for (const box of boxes) {
    const [x0, y0, x1, y1] = toRegion(box, a);
    for (let y = y0; y < y1; y += 1) inside.fill(1, y * a.width + x0, y * a.width + x1);
  }
  let total = 0;
  let blocks = 0;
  let worstBlock = 0;
  for (let top = 0; top + 8 <= a.height; top += 8) {
    for (let left = 0; left + 8 <= a.width; left += 8) {
      const mean = blockDifference(a, b, inside, left, top);
      if (mean === undefined) continue;
      total += mean;
      blocks += 1;
      worstBlock = Math.max(worstBlock, mean);
    }
  }
  return { mean: blocks === 0 ? 0 : total / blocks, worstBlock };
}

function blockDifference(a: Pixels, b: Pixels, inside: Uint8Array, left: number, top: number): number | undefined {
  let sum = 0;
  for (let y = top; y < top + 8; y += 1) {
    for (let x = left; x < left + 8; x += 1) {
      const pixel = y * a.width + x;
      if (inside[pixel] === 1) return undefined;
      for (let i = pixel * 3; i < pixel * 3 + 3; i += 1) sum += Math.abs((a.data[i] ?? 0) - (b.data[i] ?? 0));
    }
  }
  return sum / 192;
}
