import { ConfigError } from '@edgeveil/contracts';
import { YUNET_OUTPUTS } from './decoders/yunet.ts';
import { gridCells, gridOf } from './grid.ts';
import type { ModelPackage } from './model-package.ts';

/** An input or output as the runtime describes it: a symbolic dimension is a string, possibly empty. */
export interface IoMetadata {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}
export interface ModelIo {
  readonly inputs: readonly IoMetadata[];
  readonly outputs: readonly IoMetadata[];
}

/** `name type [dims]` of all, for messages. */
export function ioText(values: readonly IoMetadata[]): string {
  return values
    .map(
      ({ name, type, shape }) =>
        `${name} ${type ?? 'not a tensor'} [${(shape ?? []).map((dim) => dim || '?').join(',')}]`,
    )
    .join(', ');
}

/** True when every fixed dimension is as expected; a symbolic one fits anything. */
export function isShape(value: IoMetadata | undefined, expected: readonly (number | undefined)[]): boolean {
  const shape = value?.shape;
  return (
    shape !== undefined &&
    shape.length === expected.length &&
    expected.every((dim, axis) => dim === undefined || typeof shape[axis] === 'string' || shape[axis] === dim)
  );
}

/** How many pictures one run takes: a number, or `undefined` for as many as are given. */
export function fixedBatchOf(io: ModelIo): number | undefined {
  const batch = io.inputs[0]?.shape?.[0];
  return typeof batch === 'number' ? batch : undefined;
}

/**
 * Compares what a package says with what the model file has, before the first run: ConfigError MODEL_INPUT_MISMATCH or
 * MODEL_OUTPUT_MISMATCH (a wrong number of labels among them) with `expected` and `found`.
 */
export function checkModelIo(model: ModelPackage, io: ModelIo): void {
  const { name, width, height, layout } = model.input;
  const dims = layout === 'nchw' ? [3, height, width] : [height, width, 3];
  const [input, ...others] = io.inputs;
  if (others.length > 0 || input?.name !== name || input.type !== 'float32' || !isShape(input, [undefined, ...dims])) {
    const details = { expected: `${name} float32 [batch,${dims.join(',')}]`, found: ioText(io.inputs) };
    throw new ConfigError('MODEL_INPUT_MISMATCH', mismatchText('input', details), { details });
  }
  for (const expected of expectedOutputs(model)) {
    const output = expected.name === undefined ? io.outputs[0] : io.outputs.find((each) => each.name === expected.name);
    const isOnly = expected.name !== undefined || io.outputs.length === 1;
    if (!isOnly || output?.type !== 'float32' || !isShape(output, [undefined, ...expected.dims])) {
      const text = `${expected.name ?? 'one output'} float32 [batch,${expected.dims.join(',')}]`;
      const reason = `${model.decoder} with ${model.labels.length} labels`;
      const details = { expected: `${text} (${reason})`, found: ioText(io.outputs) };
      throw new ConfigError('MODEL_OUTPUT_MISMATCH', mismatchText('output', details), { details });
    }
  }
}

function expectedOutputs(model: ModelPackage): { readonly name?: string; readonly dims: readonly number[] }[] {
  switch (model.decoder) {
    case 'yolov8':
      return [{ dims: [4 + model.labels.length, gridCells(model.input)] }];
    case 'yolox':
      return [{ dims: [gridCells(model.input), 5 + model.labels.length] }];
    case 'yunet':
      return YUNET_OUTPUTS.map(({ name, stride, width }) => ({
        name,
        dims: [gridOf(model.input, stride).cells, width],
      }));
  }
}

function mismatchText(
  what: string,
  { expected, found }: { readonly expected: string; readonly found: string },
): string {
  return `model ${what}: expected ${expected}, found ${found}`;
}
