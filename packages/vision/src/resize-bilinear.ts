import type { Size } from './boxes.ts';
import type { RgbPixels } from './fill-tensor.ts';

/** Resizes by bilinear interpolation between pixel centres, as OpenCV's `INTER_LINEAR` does. Meant for small changes and for enlarging. */
export function resizeBilinear(pixels: RgbPixels, size: Size): RgbPixels {
  const { width, height } = size;
  const columns = axis(pixels.width, width);
  const rows = axis(pixels.height, height);
  const stride = pixels.width * 3;
  const source = pixels.data;
  const data = new Uint8Array(width * height * 3);
  let to = 0;
  for (let y = 0; y < height; y += 1) {
    const upper = at(rows.low, y) * stride;
    const lower = at(rows.high, y) * stride;
    const weightY = at(rows.weight, y);
    for (let x = 0; x < width; x += 1) {
      const left = at(columns.low, x) * 3;
      const right = at(columns.high, x) * 3;
      const weightX = at(columns.weight, x);
      for (let channel = 0; channel < 3; channel += 1) {
        const top = mix(at(source, upper + left + channel), at(source, upper + right + channel), weightX);
        const bottom = mix(at(source, lower + left + channel), at(source, lower + right + channel), weightX);
        data[to] = mix(top, bottom, weightY) + 0.5;
        to += 1;
      }
    }
  }
  return { data, width, height };
}

interface Axis {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly weight: Float32Array;
}

/** For each target position the two source positions it lies between and the share of the second. */
function axis(from: number, to: number): Axis {
  const low = new Int32Array(to);
  const high = new Int32Array(to);
  const weight = new Float32Array(to);
  for (let index = 0; index < to; index += 1) {
    const position = Math.min(Math.max(((index + 0.5) * from) / to - 0.5, 0), from - 1);
    const floor = Math.floor(position);
    low[index] = floor;
    high[index] = Math.min(floor + 1, from - 1);
    weight[index] = position - floor;
  }
  return { low, high, weight };
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

// Indices come from `axis` and are inside; the assertion only satisfies noUncheckedIndexedAccess.
function at(values: Uint8Array | Int32Array | Float32Array, index: number): number {
  return values[index] as number;
}
