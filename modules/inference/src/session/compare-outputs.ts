/** Outputs of up to so many rows, of so many values each, may be finds. More are maps, and each value has its place. */
const MAX_FINDS = 1000;
const MAX_FIND_VALUES = 7;

/** An output as the runtime gives it. */
export interface ComparedTensor {
  readonly type?: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

export type ComparedOutputs = Readonly<Record<string, ComparedTensor>>;

/** How far two sets of outputs are apart. */
export interface OutputComparison {
  /** Largest difference, as a share of the largest value of its output; Infinity where they cannot be compared. */
  readonly maxError: number;
  /** What is worst: `bbox_8: 12.1 instead of 3.2`; `undefined` when all is equal. */
  readonly worst: string | undefined;
}

/**
 * Compares outputs of two runs of one model on one input. Values that are both not a number are equal. Finds that a graph
 * sorts by score (end-to-end heads) may change places where scores are nearly equal, so in outputs of few short rows what
 * differs in place is compared with the row that is most like it. Texts, sequences and maps are not compared.
 */
export function compareOutputs(expected: ComparedOutputs, found: ComparedOutputs): OutputComparison {
  let worst: OutputComparison = { maxError: 0, worst: undefined };
  for (const [name, reference] of Object.entries(expected)) {
    const wanted = numbersOf(reference);
    if (wanted === undefined) {
      continue;
    }
    const other = found[name];
    const got = other === undefined ? undefined : numbersOf(other);
    const one =
      got === undefined || other === undefined || other.dims.join() !== reference.dims.join()
        ? {
            maxError: Number.POSITIVE_INFINITY,
            worst: `${name}: [${other?.dims.join(',') ?? ''}] instead of [${reference.dims.join(',')}]`,
          }
        : leastError(name, wanted, got, reference.dims);
    if (one.maxError > worst.maxError) {
      worst = one;
    }
  }
  return worst;
}

function leastError(name: string, wanted: Float64Array, got: Float64Array, dims: readonly number[]): OutputComparison {
  const inPlace = largestError(name, wanted, got);
  const width = dims.length >= 3 ? (dims.at(-1) ?? 1) : 1;
  const areFinds = width <= MAX_FIND_VALUES && wanted.length / width <= MAX_FINDS;
  if (inPlace.maxError < 1e-3 || !areFinds) {
    return inPlace;
  }
  const inOrder = largestError(name, wanted, likeliestRows(wanted, got, width));
  return inOrder.maxError < inPlace.maxError ? inOrder : inPlace;
}

/** The rows of `got` in such an order that each stands where the row of `wanted` is that it is most like. Each is used once. */
function likeliestRows(wanted: Float64Array, got: Float64Array, width: number): Float64Array {
  const ordered = new Float64Array(got.length);
  const left = new Set(Array.from({ length: got.length / width }, (_, row) => row));
  for (let row = 0; row < wanted.length / width; row += 1) {
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (const other of left) {
      let distance = 0;
      for (let column = 0; column < width; column += 1) {
        distance += Math.abs((wanted[row * width + column] ?? 0) - (got[other * width + column] ?? 0));
      }
      if (best === -1 || distance < least) {
        best = other;
        least = distance;
      }
    }
    left.delete(best);
    ordered.set(got.subarray(best * width, (best + 1) * width), row * width);
  }
  return ordered;
}

function largestError(name: string, wanted: Float64Array, got: Float64Array): OutputComparison {
  let scale = 0;
  for (const value of wanted) {
    if (Number.isFinite(value)) {
      scale = Math.max(scale, Math.abs(value));
    }
  }
  let maxError = 0;
  let at = -1;
  for (let index = 0; index < wanted.length; index += 1) {
    const [a, b] = [wanted[index] ?? 0, got[index] ?? 0];
    if (Object.is(a, b) || a === b) {
      continue;
    }
    // An output that is nothing but zeros has no scale of its own.
    const error = Number.isFinite(a) && Number.isFinite(b) ? Math.abs(a - b) / (scale || 1) : Number.POSITIVE_INFINITY;
    if (error > maxError) {
      maxError = error;
      at = index;
    }
  }
  const worst = at === -1 ? undefined : `${name}: ${short(got[at])} instead of ${short(wanted[at])}`;
  return { maxError, worst };
}

function short(value: number | undefined): string {
  return Number((value ?? Number.NaN).toPrecision(4)).toString();
}

/** `undefined` for what are no numbers. */
function numbersOf({ type, data }: ComparedTensor): Float64Array | undefined {
  if (type === 'float16' && data instanceof Uint16Array) {
    return Float64Array.from(data, halfToNumber);
  }
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return Float64Array.from(data, Number);
  }
  if (ArrayBuffer.isView(data) && !(data instanceof DataView)) {
    return Float64Array.from(data as unknown as ArrayLike<number>);
  }
  return undefined;
}

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) {
    return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  }
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
