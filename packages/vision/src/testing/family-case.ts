import type { Box } from '@edgeveil/contracts';
import type { DecoderName } from '../model-package.ts';

/** A model that gives the same numbers for every picture, and what must be found in them. */
export interface FamilyCase {
  readonly what: string;
  readonly decoder: DecoderName;
  /** Name and shape of the input; NHWC and other types where said. */
  readonly input: { readonly name?: string; readonly dims: readonly number[]; readonly type?: 'float32' | 'uint8' };
  readonly others?: readonly {
    readonly name: string;
    readonly type: 'float32' | 'int64';
    readonly dims: readonly number[];
  }[];
  readonly outputs: readonly CaseOutput[];
  readonly metadata?: Readonly<Record<string, string>>;
  /** In input pixels, best first. */
  readonly found: readonly { readonly label: string; readonly score: number; readonly box: Box }[];
}

export interface CaseOutput {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type?: 'float32' | 'int64' | 'int32';
  readonly values: Float32Array;
}

/** An output that is `fill` everywhere but in the rows that are set; rows are of the last dimension's width. */
export function rows(
  name: string,
  dims: readonly number[],
  set: Readonly<Record<number, readonly number[]>>,
  { fill = 0, type = 'float32' as CaseOutput['type'] } = {},
): CaseOutput {
  const values = new Float32Array(dims.reduce((product, dim) => product * dim, 1)).fill(fill);
  const width = dims.at(-1) ?? 1;
  for (const [row, numbers] of Object.entries(set)) {
    values.set(numbers, Number(row) * width);
  }
  return { name, dims, values, ...(type === undefined ? {} : { type }) };
}

/** The same with the last two dimensions exchanged: channels first. */
export function columns(
  name: string,
  dims: readonly number[],
  set: Readonly<Record<number, readonly number[]>>,
  options: { readonly fill?: number } = {},
): CaseOutput {
  const [height = 1, width = 1] = dims.slice(-2);
  const values = new Float32Array(dims.reduce((product, dim) => product * dim, 1)).fill(options.fill ?? 0);
  for (const [column, numbers] of Object.entries(set)) {
    numbers.forEach((value, row) => {
      if (row < height) values[row * width + Number(column)] = value;
    });
  }
  return { name, dims, values };
}

/** Numbers at the start, then one of many zeros that is set. */
export function withScore(start: readonly number[], count: number, set: Readonly<Record<number, number>>): number[] {
  const scores = Array.from({ length: count }, () => 0);
  for (const [index, value] of Object.entries(set)) {
    scores[Number(index)] = value;
  }
  return [...start, ...scores];
}
