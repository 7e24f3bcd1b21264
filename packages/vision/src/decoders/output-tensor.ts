import { ConfigError } from '@edgeveil/contracts';
import type { Size } from '../boxes.ts';
import type { ScoreFloors } from '../score-floors.ts';

/** One output of a run. */
export interface OutputTensor {
  readonly dims: readonly number[];
  /** Anything but a Float32Array is refused: the supported heads give float32. */
  readonly data: unknown;
}
export type Outputs = Readonly<Record<string, OutputTensor>>;

/** What a decoder needs to know beside the outputs. */
export interface DecoderContext {
  readonly input: Size;
  readonly labels: readonly string[];
  readonly floors: ScoreFloors;
  /** Pictures in the batch, and which one of them to decode. */
  readonly batch: number;
  readonly index: number;
}

/** The one output of a single-output head; its name is free. */
export function onlyOutput(
  outputs: Outputs,
  expected: string,
): { readonly name: string; readonly tensor: OutputTensor } {
  const [first, ...others] = Object.entries(outputs);
  if (first === undefined || others.length > 0) {
    throw outputMismatch(`one output ${expected}`, outputs);
  }
  return { name: first[0], tensor: first[1] };
}

/** The numbers of a named output after type and shape have been checked. */
export function floatsOf(outputs: Outputs, name: string, dims: readonly number[]): Float32Array {
  const tensor = outputs[name];
  const expected = `${name} float32 [${dims.join(',')}]`;
  if (tensor === undefined || !(tensor.data instanceof Float32Array)) {
    throw outputMismatch(expected, outputs);
  }
  const isShape = tensor.dims.length === dims.length && dims.every((dim, axis) => tensor.dims[axis] === dim);
  if (!isShape || tensor.data.length !== dims.reduce((product, dim) => product * dim, 1)) {
    throw outputMismatch(expected, outputs);
  }
  return tensor.data;
}

/** ConfigError that says what was expected and what the model gave. */
export function outputMismatch(expected: string, outputs: Outputs): ConfigError {
  const found = Object.entries(outputs)
    .map(([name, tensor]) => `${name} ${typeNameOf(tensor.data)} [${tensor.dims.join(',')}]`)
    .join(', ');
  return new ConfigError('MODEL_OUTPUT_SHAPE', `model output: expected ${expected}, found ${found || 'no output'}`, {
    details: { expected, found: found || 'no output' },
  });
}

function typeNameOf(data: unknown): string {
  return data instanceof Float32Array ? 'float32' : Object.prototype.toString.call(data).slice(8, -1);
}
