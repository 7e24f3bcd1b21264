import type { OutputFacts } from './model-facts.ts';

/** An output of two dimensions: cells, and what is said of each. */
export interface TableFacts {
  readonly output: OutputFacts;
  /** `undefined` where it is open. */
  readonly count: number | undefined;
  readonly width: number;
  readonly isChannelsFirst: boolean;
  /** A number of what an empty picture gives; `undefined` without a sample. */
  sample(row: number, column: number): number | undefined;
}

/**
 * An output as a table. Which side are the cells: the one that `isCellCount` knows, else the longer one, else the open one.
 * `undefined` for other ranks, and when both sides are open.
 */
export function tableFacts(output: OutputFacts, isCellCount: (count: number) => boolean): TableFacts | undefined {
  const dims = output.dims.filter((dim, axis) => dim !== 1 || axis >= output.dims.length - 2);
  if (dims.length !== 2) {
    return undefined;
  }
  const [first, second] = dims;
  if (second !== undefined && (first === undefined || isCellCount(first))) {
    return makeTable(output, first, second, false);
  }
  if (first !== undefined && (second === undefined || isCellCount(second))) {
    return makeTable(output, second, first, true);
  }
  if (first === undefined || second === undefined) {
    return undefined;
  }
  return second > first ? makeTable(output, second, first, true) : makeTable(output, first, second, false);
}

function makeTable(
  output: OutputFacts,
  count: number | undefined,
  width: number,
  isChannelsFirst: boolean,
): TableFacts {
  const { sample } = output;
  const rows = count ?? 0;
  return {
    output,
    count,
    width,
    isChannelsFirst,
    sample: (row, column) => sample?.[isChannelsFirst ? column * rows + row : row * width + column],
  };
}

/** `name [4,8400]`, for reasons and messages. */
export function outputText({ name, dims, type }: OutputFacts): string {
  return `${name} ${type} [${dims.map((dim) => dim ?? '?').join(',')}]`;
}

/** Whether an output has these dimensions; `undefined` in either fits anything. */
export function hasDims(output: OutputFacts, dims: readonly (number | undefined)[]): boolean {
  return (
    output.dims.length === dims.length &&
    dims.every((dim, axis) => dim === undefined || output.dims[axis] === undefined || output.dims[axis] === dim)
  );
}

/** The share of rows, of at most 2000 looked at, for which something holds; 0 without a sample. */
export function shareOfRows(table: TableFacts, holds: (row: number) => boolean): number {
  const count = table.count ?? 0;
  if (table.output.sample === undefined || count === 0) {
    return 0;
  }
  const step = Math.max(1, Math.floor(count / 2000));
  let looked = 0;
  let held = 0;
  for (let row = 0; row < count; row += step) {
    looked += 1;
    held += holds(row) ? 1 : 0;
  }
  return held / looked;
}
