import type { Pixels } from '../pixels.ts';
import { sharp } from '../sharp-engine.ts';

/** Quadrant colours that survive JPEG well enough to be told apart: top left, top right, bottom left, bottom right. */
export const CORNERS = {
  red: [220, 30, 30],
  green: [30, 200, 30],
  blue: [30, 30, 220],
  white: [240, 240, 240],
} as const;

/** Four coloured quadrants: shows turning and mirroring. */
export function quadrants(width: number, height: number): Pixels {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [left, right] = y < height / 2 ? [CORNERS.red, CORNERS.green] : [CORNERS.blue, CORNERS.white];
      data.set(x < width / 2 ? left : right, (y * width + x) * 3);
    }
  }
  return { data, width, height, channels: 3 };
}

/** Noise: every byte of the encoded file matters. */
export function noise(width: number, height: number): Pixels {
  const data = Buffer.alloc(width * height * 3);
  let state = 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    data[i] = state >>> 24;
  }
  return { data, width, height, channels: 3 };
}

/** A sharp pipeline over pixels, to write them in whatever form a test needs. */
export function pipelineOf({ data, width, height, channels }: Pixels) {
  return sharp(data, { raw: { width, height, channels } });
}

/** Names the quadrant colour at a place given as shares of width and height. */
export function cornerAt(pixels: Pixels, shareX: number, shareY: number): string {
  const offset = (Math.floor(pixels.height * shareY) * pixels.width + Math.floor(pixels.width * shareX)) * 3;
  const found = pixels.data.subarray(offset, offset + 3);
  const near = Object.entries(CORNERS).find(([, rgb]) => rgb.every((v, i) => Math.abs(v - (found[i] ?? 0)) < 40));
  return near?.[0] ?? `rgb(${[...found].join(',')})`;
}

/** Colours at top left, top right, bottom left, bottom right. */
export function layoutOf(pixels: Pixels): string[] {
  return [
    cornerAt(pixels, 0.2, 0.2),
    cornerAt(pixels, 0.8, 0.2),
    cornerAt(pixels, 0.2, 0.8),
    cornerAt(pixels, 0.8, 0.8),
  ];
}
