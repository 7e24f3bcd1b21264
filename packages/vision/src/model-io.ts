import { ConfigError } from '@edgeveil/contracts';
import type { ModelPackage } from './model-package.ts';

/** An input or output as the runtime, or the file, describes it: a dimension that is not fixed is a string, possibly empty. */
export interface IoMetadata {
  readonly name: string;
  readonly isTensor: boolean;
  /** What it is when it is no tensor. */
  readonly kind?: string;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
  /** Operators that take an input first. */
  readonly goesTo?: readonly string[];
  /** Operators that compute an output. */
  readonly madeBy?: readonly string[];
}
export interface ModelIo {
  readonly inputs: readonly IoMetadata[];
  readonly outputs: readonly IoMetadata[];
}

/** `name type [dims]` of all, for messages. */
export function ioText(values: readonly IoMetadata[]): string {
  return values
    .map(({ name, type, shape, kind }) =>
      type === undefined
        ? `${name} (${kind ?? 'not a tensor'})`
        : `${name} ${type} [${(shape ?? []).map((dim) => (dim === '' ? '?' : dim)).join(',')}]`,
    )
    .join(', ');
}

/** How many pictures one run takes: a number, or `undefined` for as many as are given. */
export function fixedBatchOf(io: ModelIo, { input }: Pick<ModelPackage, 'input'>): number | undefined {
  const shape = io.inputs.find(({ name }) => name === input.name)?.shape;
  if (shape?.length === 3) {
    return 1;
  }
  const batch = shape?.[0];
  return typeof batch === 'number' && batch > 0 ? batch : input.batch;
}

/** Values of one pixel. */
export function channelCount({ channels }: Pick<ModelPackage['input'], 'channels'>): number {
  return channels === 'grey' ? 1 : 3;
}

/** Dimensions of the tensor for a run of `batch` pictures; a model without a batch dimension gets none. */
export function inputDims(io: ModelIo, { input }: Pick<ModelPackage, 'input'>, batch: number): number[] {
  const dims = pictureDims(input);
  return io.inputs.find(({ name }) => name === input.name)?.shape?.length === 3 ? dims : [batch, ...dims];
}

function pictureDims(input: ModelPackage['input']): number[] {
  const { layout, width, height } = input;
  const channels = channelCount(input);
  return layout === 'nchw' ? [channels, height, width] : [height, width, channels];
}

/**
 * Compares what a package says with the input that the model file has, before the first run: ConfigError MODEL_INPUT_MISMATCH
 * with `expected` and `found`. Outputs are compared with what the first run gives.
 */
export function checkModelInput(model: ModelPackage, io: ModelIo): void {
  const { name, type } = model.input;
  const dims = pictureDims(model.input);
  const input = io.inputs.find((each) => each.name === name);
  const shape = input?.shape ?? [];
  const own = shape.length === 4 ? shape.slice(1) : shape;
  const isFitting = own.length === 3 && dims.every((dim, axis) => typeof own[axis] === 'string' || own[axis] === dim);
  if (input?.type !== type || !isFitting) {
    const details = { expected: `${name} ${type} [batch,${dims.join(',')}]`, found: ioText(io.inputs) };
    throw new ConfigError('MODEL_INPUT_MISMATCH', `model input: expected ${details.expected}, found ${details.found}`, {
      details,
    });
  }
}
