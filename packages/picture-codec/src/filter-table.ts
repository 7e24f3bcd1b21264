/** What each pixel of a line that is brought to a length is made of. */
export interface FilterTable {
  /** For each pixel of the result, the first pixel of the line that it is made of. */
  readonly starts: Int32Array;
  /** For each pixel of the result the weights of `taps` pixels from there, in 256ths, 256 together. */
  readonly weights: Uint16Array;
  readonly taps: number;
}

const ONE = 256;
/** Of a pixel; what is less is an error of computing. */
const TINY = 1e-6;

/** The mean of what each pixel covers where a line is shortened; between the two nearest where it is lengthened. */
export function filterTable(from: number, to: number): FilterTable {
  const share = from >= to ? coverage : between;
  const rows = Array.from({ length: to }, (_, index) => share(index, from, from / to));
  const taps = Math.max(...rows.map(({ weights }) => weights.length));
  const table = { starts: new Int32Array(to), weights: new Uint16Array(to * taps), taps };
  for (const [index, { start, weights }] of rows.entries()) {
    // A row with fewer pixels than others must not reach beyond the end.
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

function coverage(index: number, from: number, scale: number): Share {
  const [begin, end] = [index * scale, Math.min(from, (index + 1) * scale)];
  const start = Math.floor(begin + TINY);
  const length = Math.max(1, Math.ceil(end - TINY) - start);
  const weights = Array.from({ length }, (_, offset) => {
    const pixel = start + offset;
    return (Math.min(pixel + 1, end) - Math.max(pixel, begin)) / scale;
  });
  return { start, weights };
}

function between(index: number, from: number, scale: number): Share {
  const centre = Math.min(Math.max((index + 0.5) * scale - 0.5, 0), from - 1);
  const start = Math.max(0, Math.min(Math.floor(centre), from - 2));
  return from === 1 ? { start, weights: [1] } : { start, weights: [1 - (centre - start), centre - start] };
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
