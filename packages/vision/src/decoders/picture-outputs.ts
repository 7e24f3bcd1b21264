import { ConfigError } from '@edgeveil/contracts';
import type { FloatTensor } from './output-tensor.ts';

/** The outputs of one picture, without batch dimension. Views, not copies. */
export type PictureOutputs = readonly FloatTensor[];

/**
 * The part of each output that is about one picture of a batch. An output whose first dimension is not the batch has no
 * batch dimension; that is fine for a batch of one and ConfigError MODEL_OUTPUT_SHAPE otherwise.
 */
export function pictureOutputs(
  outputs: readonly FloatTensor[],
  { batch, index }: { readonly batch: number; readonly index: number },
): PictureOutputs {
  return outputs.map(({ name, dims, data, texts }) => {
    if (dims.length > 0 && dims[0] === batch) {
      if (texts !== undefined) {
        const few = texts.length / batch;
        return { name, dims: dims.slice(1), data, texts: texts.slice(index * few, (index + 1) * few) };
      }
      const each = data.length / batch;
      return { name, dims: dims.slice(1), data: data.subarray(index * each, (index + 1) * each) };
    }
    if (batch === 1) {
      return texts === undefined ? { name, dims, data } : { name, dims, data, texts };
    }
    throw new ConfigError('MODEL_OUTPUT_SHAPE', `model output ${name} does not tell ${batch} pictures apart`, {
      details: { expected: `[${batch},…]`, found: `[${dims.join(',')}]` },
    });
  });
}

/** A table of numbers, however it lies in memory. */
export interface Rows {
  readonly count: number;
  readonly width: number;
  readonly at: (row: number, column: number) => number;
  readonly data: Float32Array;
  /** Distance in memory between rows, and between columns. */
  readonly rowStep: number;
  readonly columnStep: number;
}

/** An output as rows of `width` numbers; leading dimensions of any number. `undefined` when it cannot be that. */
export function rowsOf(tensor: FloatTensor, width: number): Rows | undefined {
  if (tensor.dims.at(-1) !== width && !(width === 1 && tensor.dims.length <= 1)) {
    return undefined;
  }
  return makeRows(tensor.data, tensor.data.length / width, width, { rowStep: width, columnStep: 1 });
}

/**
 * An output of two dimensions as rows, where one of them is the cells and the other what is said of each: `[cells, width]`, or
 * `[width, cells]` as channels-first heads have it. The other side of `cells` is the width; without `cells` the longer side are the rows.
 */
export function tableOf(tensor: FloatTensor, isCellCount: (count: number) => boolean): Rows | undefined {
  const dims = tensor.dims.filter((dim, axis) => dim !== 1 || axis >= tensor.dims.length - 2);
  const [first, second] = dims;
  if (first === undefined || second === undefined || dims.length !== 2) {
    return undefined;
  }
  const isChannelsFirst = isCellCount(second) ? true : isCellCount(first) ? false : second > first;
  return isChannelsFirst
    ? makeRows(tensor.data, second, first, { rowStep: 1, columnStep: second })
    : makeRows(tensor.data, first, second, { rowStep: second, columnStep: 1 });
}

function makeRows(
  data: Float32Array,
  count: number,
  width: number,
  { rowStep, columnStep }: { readonly rowStep: number; readonly columnStep: number },
): Rows {
  // The bounds follow from the dimensions, which were compared with the length of the data.
  const at = (row: number, column: number): number => data[row * rowStep + column * columnStep] as number;
  return { count, width, at, data, rowStep, columnStep };
}

/** ConfigError that says what was expected and what the model gave. */
export function outputMismatch(expected: string, outputs: PictureOutputs): ConfigError {
  const found = outputs.map(({ name, dims }) => `${name} [${dims.join(',')}]`).join(', ') || 'no output';
  return new ConfigError('MODEL_OUTPUT_SHAPE', `model output: expected ${expected}, found ${found}`, {
    details: { expected, found },
  });
}
