import type { Size } from '../../boxes.ts';
import { type PictureOutputs, type Rows, rowsOf } from '../../decoders/picture-outputs.ts';
import { gridOf, STRIDES } from '../../grid.ts';
import type { OutputFacts } from '../../recognition/model-facts.ts';

/** The outputs of one stride, by how many numbers they have per cell. */
export interface StrideGroup {
  readonly stride: number;
  readonly columns: number;
  readonly cells: number;
  readonly tables: readonly Rows[];
}

/**
 * Sorts outputs by stride and width, whatever their names and order: their number of rows says which stride they are of.
 * `undefined` unless each stride has outputs of exactly these widths, smallest first.
 */
export function strideGroups(
  outputs: PictureOutputs,
  input: Size,
  { widths, perCell }: { readonly widths: readonly number[]; readonly perCell: number },
): StrideGroup[] | undefined {
  const groups: StrideGroup[] = [];
  for (const stride of STRIDES) {
    const { columns, cells } = gridOf(input, stride);
    const tables = outputs
      .filter(({ dims }) => (dims.at(-2) ?? dims[0]) === cells * perCell)
      .flatMap((output) => widthOf(output.dims, cells * perCell).flatMap((width) => rowsOf(output, width) ?? []))
      .toSorted((a, b) => a.width - b.width);
    if (tables.map(({ width }) => width).join() !== widths.join()) {
      return undefined;
    }
    groups.push({ stride, columns, cells, tables });
  }
  return groups;
}

/** Whether declared outputs are such groups; an open number of rows fits. */
export function areStrideGroups(
  outputs: readonly OutputFacts[],
  input: Size,
  { widths, perCell }: { readonly widths: readonly number[]; readonly perCell: number },
): boolean {
  if (outputs.length !== widths.length * STRIDES.length) {
    return false;
  }
  if (outputs.every(({ dims }) => dims.length > 0 && dims[0] === undefined)) {
    // Nothing but names tells the strides apart before a run.
    const found = outputs.map(({ dims }) => dims.at(-1) ?? 0).toSorted((a, b) => a - b);
    return (
      found.join() ===
      widths
        .flatMap((width) => STRIDES.map(() => width))
        .toSorted((a, b) => a - b)
        .join()
    );
  }
  return STRIDES.every((stride) => {
    const rows = gridOf(input, stride).cells * perCell;
    const found = outputs
      .filter(({ dims }) => dims[0] === rows)
      .flatMap(({ dims }) => (dims.length === 1 ? 1 : dims.length === 2 ? (dims[1] ?? []) : []));
    return found.toSorted((a, b) => a - b).join() === widths.join();
  });
}

function widthOf(dims: readonly number[], rows: number): number[] {
  if (dims.length === 1) {
    return [1];
  }
  const width = dims.at(-1);
  return width !== undefined && dims.at(-2) === rows ? [width] : [];
}
