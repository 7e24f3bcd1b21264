import type { FloatTensor } from '../../decoders/output-tensor.ts';
import { isDistribution } from '../whole-picture/vector-output.ts';

/** What a network that reads gives: for each step along the line, or each place of a plate, one number a class. */
export interface StepTable {
  readonly steps: number;
  /** The best class of a step, and its share, 0 to 1. */
  bestOf(step: number): { readonly index: number; readonly share: number };
}

/** Dimensions that are not one. */
export function longDims(dims: readonly (number | undefined)[]): (number | undefined)[] {
  return dims.filter((dim) => dim !== 1);
}

/**
 * An output as a table of steps: `[steps, classes]` with ones anywhere, `[classes, steps]` as LPRNet has it, or all in one row. `undefined`
 * when it cannot be that.
 */
export function stepTable({ dims, data }: FloatTensor, classes: number): StepTable | undefined {
  const [first, second, ...more] = longDims(dims);
  const isFlat = second === undefined && first !== undefined && first % classes === 0;
  if (more.length > 0 || !(isFlat || second === classes || first === classes)) {
    return undefined;
  }
  const steps = data.length / classes;
  const isClassesFirst = !isFlat && second !== classes;
  const row = (step: number): Float32Array =>
    isClassesFirst
      ? Float32Array.from({ length: classes }, (_, index) => data[index * steps + step] ?? 0)
      : data.subarray(step * classes, (step + 1) * classes);
  return { steps, bestOf: (step) => best(row(step)) };
}

/** Shares as they are; scores before a softmax, and logarithms of shares, are brought to them. */
function best(row: Float32Array): { readonly index: number; readonly share: number } {
  const index = row.reduce((most, value, at) => (value > (row[most] ?? Number.NEGATIVE_INFINITY) ? at : most), 0);
  const highest = row[index] ?? 0;
  if (isDistribution(row)) {
    return { index, share: highest };
  }
  return { index, share: 1 / row.reduce((sum, value) => sum + Math.exp(value - highest), 0) };
}
