/** What each pixel of a line that is brought to a length is made of; of a line that is wanted in part, of each pixel of that part. */
export interface FilterTable {
  /** For each pixel of the result, the first pixel of the line that it is made of. */
  readonly starts: Int32Array;
  /** For each pixel of the result the weights of `taps` pixels from there, in 256ths, 256 together. */
  readonly weights: Uint16Array;
  readonly taps: number;
}

const ONE = 256;

/** Pixels of the result that are wanted. */
export interface LinePart {
  readonly start: number;
  readonly length: number;
}

/**
 * The bilinear filter: a triangle as wide as two pixels, of the line or of the result, whichever are larger. So a line that is shortened
 * is averaged, as Pillow's BILINEAR and libvips' linear kernel do.
 */
export function filterTable(from: number, to: number, { start: firstWanted, length }: LinePart): FilterTable {
  const shares = Array.from({ length }, (_, index) => shareOf(firstWanted + index, from, from / to));
  const taps = shares.reduce((most, { weights }) => Math.max(most, weights.length), 0);
  const table = { starts: new Int32Array(length), weights: new Uint16Array(length * taps), taps };
  for (const [index, { start, weights }] of shares.entries()) {
    // A pixel that is made of fewer than others must not reach beyond the end.
    const first = Math.min(start, from - taps);
    table.starts[index] = first;
    table.weights.set(inWholes(weights), index * taps + start - first);
  }
  return table;
}

interface Share {
  readonly start: number;
  readonly weights: readonly number[];
}

function shareOf(index: number, from: number, scale: number): Share {
  const radius = Math.max(1, scale);
  const centre = (index + 0.5) * scale;
  const start = Math.max(0, Math.round(centre - radius));
  const end = Math.min(from, Math.round(centre + radius));
  const weights = Array.from({ length: end - start }, (_, offset) =>
    Math.max(0, 1 - Math.abs(start + offset + 0.5 - centre) / radius),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return { start, weights: weights.map((weight) => weight / sum) };
}

/** Rounded so that nothing is lost: the error of one goes to the next. */
function inWholes(weights: readonly number[]): number[] {
  let [sum, written] = [0, 0];
  return weights.map((weight) => {
    sum += weight;
    const whole = Math.round(sum * ONE) - written;
    written += whole;
    return whole;
  });
}
