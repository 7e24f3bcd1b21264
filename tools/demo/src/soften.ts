// A three-tap kernel [k, 1 - 2k, k] has variance 2k; beyond this it stops looking like a bell.
const MOST_VARIANCE = 0.5;

/**
 * Blurs RGB pixels in place by about `sigma` pixels (0.3 to 1.5), with repeated three-tap kernels, whose variances add up.
 * The outermost pixels keep their own value in that direction.
 */
export function soften(
  pixels: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  sigma: number,
): void {
  const passes = Math.ceil(sigma ** 2 / MOST_VARIANCE);
  // In 1/256, so that the inner loop has whole numbers only.
  const side = Math.round((128 * sigma ** 2) / passes);
  const middle = 256 - 2 * side;
  for (let pass = 0; pass < passes; pass++) {
    along(pixels, { lines: height, lineStep: width * 3, count: width, step: 3 }, side, middle);
    down(pixels, width * 3, height, side, middle);
  }
}

interface Lines {
  readonly lines: number;
  readonly lineStep: number;
  readonly count: number;
  readonly step: number;
}

function along(pixels: Uint8Array, { lines, lineStep, count, step }: Lines, side: number, middle: number): void {
  for (let line = 0; line < lines; line++) {
    for (let channel = 0; channel < step; channel++) {
      let at = line * lineStep + channel;
      let before = pixels[at] ?? 0;
      let here = before;
      for (let i = 0; i < count; i++, at += step) {
        const after = i + 1 < count ? (pixels[at + step] ?? 0) : here;
        pixels[at] = (before * side + here * middle + after * side + 128) >> 8;
        before = here;
        here = after;
      }
    }
  }
}

/** The same downwards, a row at a time: going down column by column would miss the cache at each step. */
function down(pixels: Uint8Array, stride: number, height: number, side: number, middle: number): void {
  const above = pixels.slice(0, stride);
  for (let row = 0, at = 0; row < height; row++) {
    const last = row + 1 === height;
    for (let x = 0; x < stride; x++, at++) {
      const here = pixels[at] ?? 0;
      const below = last ? here : (pixels[at + stride] ?? 0);
      pixels[at] = ((above[x] ?? 0) * side + here * middle + below * side + 128) >> 8;
      above[x] = here;
    }
  }
}
