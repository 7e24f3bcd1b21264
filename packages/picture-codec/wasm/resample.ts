/*
 * AssemblyScript, compiled by `npm run wasm` to src/resample.wasm. RGB pixels in, RGB pixels out; what each row and column of the result is
 * made of is told by tables, so that this is any separable filter. Weights are 16-bit, in 256ths, and those of one row or column
 * add up to 256: sums fit 16 bits without sign. Up to 32 bytes are read behind the source, and written behind the line and the result.
 */

/** R G B of two neighbouring pixels, each as 16 bits in four lanes, of which the last is nothing. */
function twoPixels(from: usize): v128 {
  return i8x16.swizzle(v128.load64_zero(from), i8x16(0, -1, 1, -1, 2, -1, -1, -1, 3, -1, 4, -1, 5, -1, -1, -1));
}

function toBytes(low: v128, high: v128): v128 {
  return i8x16.narrow_i16x8_u(i16x8.shr_u(low, 8), i16x8.shr_u(high, 8));
}

/**
 * @param source pixels, `rowBytes` from one row to the next
 * @param rowStarts i32 for each row of the result: the first row of the source that it is made of
 * @param rowWeights `rowTaps` u16 for each row of the result
 * @param columnStarts i32 for each column of the result: byte of the first pixel that it is made of
 * @param columnWeights `columnPairs` times eight u16 for each column of the result: four times the weight of a pixel, four times the next one's
 * @param line room for one row of the source
 */
export function resample(
  source: usize,
  rowBytes: usize,
  rowStarts: usize,
  rowWeights: usize,
  rowTaps: i32,
  rows: i32,
  columnStarts: usize,
  columnWeights: usize,
  columnPairs: i32,
  columns: i32,
  line: usize,
  target: usize,
): void {
  const half = i16x8.splat(128);
  for (let row = 0; row < rows; row++) {
    const top = source + <usize>load<i32>(rowStarts) * rowBytes;
    for (let at: usize = 0; at < rowBytes; at += 32) {
      let first = half;
      let second = half;
      let third = half;
      let fourth = half;
      let from = top + at;
      let weights = rowWeights;
      for (let tap = 0; tap < rowTaps; tap++) {
        const weight = v128.load16_splat(weights);
        const left = v128.load(from);
        const right = v128.load(from, 16);
        first = i16x8.add(first, i16x8.mul(i16x8.extend_low_i8x16_u(left), weight));
        second = i16x8.add(second, i16x8.mul(i16x8.extend_high_i8x16_u(left), weight));
        third = i16x8.add(third, i16x8.mul(i16x8.extend_low_i8x16_u(right), weight));
        fourth = i16x8.add(fourth, i16x8.mul(i16x8.extend_high_i8x16_u(right), weight));
        from += rowBytes;
        weights += 2;
      }
      v128.store(line + at, toBytes(first, second));
      v128.store(line + at, toBytes(third, fourth), 16);
    }
    rowStarts += 4;
    rowWeights += (<usize>rowTaps) << 1;

    let start = columnStarts;
    let weights = columnWeights;
    for (let column = 0; column < columns; column++) {
      let from = line + <usize>load<i32>(start);
      let sum = i16x8.mul(twoPixels(from), v128.load(weights));
      for (let pair = 1; pair < columnPairs; pair++) {
        from += 6;
        weights += 16;
        sum = i16x8.add(sum, i16x8.mul(twoPixels(from), v128.load(weights)));
      }
      const both = i16x8.add(i16x8.add(sum, v128.shuffle<u64>(sum, sum, 1, 0)), half);
      v128.store32_lane(target, toBytes(both, both), 0);
      start += 4;
      weights += 16;
      target += 3;
    }
  }
}
