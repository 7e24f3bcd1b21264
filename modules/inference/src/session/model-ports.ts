import {
  type AuxiliaryInput,
  auxiliaryInputs,
  channelCount,
  inputDims,
  type ModelIo,
  type ModelPackage,
  type Outputs,
  type TensorValues,
  whyUnusable,
} from '@edgeveil/vision';
import { type RuntimeSession, Tensor } from './onnx-runtime.ts';

/** What goes into a model and what is asked of it. */
export interface ModelPorts {
  readonly io: ModelIo;
  readonly input: ModelPackage['input'];
  readonly auxiliary: readonly AuxiliaryInput[];
  /** Outputs that are asked for: the runtime fails as a whole when one of them is no tensor. */
  readonly fetches: readonly string[];
}

/** ConfigError MODEL_INPUT_UNKNOWN for an input beside the picture whose meaning is not known. */
export function modelPorts(io: ModelIo, input: ModelPackage['input']): ModelPorts {
  return {
    io,
    input,
    auxiliary: auxiliaryInputs(
      io.inputs.filter(({ name }) => name !== input.name),
      input,
    ),
    fetches: io.outputs.filter((output) => whyUnusable(output) === undefined).map(({ name }) => name),
  };
}

/** Values of one picture of the input. */
export function valuesPerPicture(input: ModelPackage['input']): number {
  return channelCount(input) * input.width * input.height;
}

/** Memory for pictures as `fillTensor` writes them: bytes for a model that takes bytes, float32 for all others. */
export function valuesFor(input: ModelPackage['input'], pictures: number): TensorValues {
  const count = pictures * valuesPerPicture(input);
  return input.type === 'uint8' ? new Uint8Array(count) : new Float32Array(count);
}

/** One run over a batch of pictures. Throws what the runtime throws. */
export async function runModel(
  session: Pick<RuntimeSession, 'run'>,
  ports: ModelPorts,
  values: TensorValues,
  batch: number,
): Promise<Outputs> {
  const feeds = { [ports.input.name]: tensorOf(ports.input.type, values, inputDims(ports.io, ports, batch)) };
  for (const { name, type, dims, values: numbers } of ports.auxiliary) {
    feeds[name] = tensorOf(type, Float32Array.from(numbers), dims);
  }
  return session.run(feeds, ports.fetches);
}

function tensorOf(type: ModelPackage['input']['type'], values: TensorValues, dims: readonly number[]): Tensor {
  switch (type) {
    case 'float32':
      return new Tensor('float32', values instanceof Float32Array ? values : Float32Array.from(values), dims);
    case 'uint8':
      return new Tensor('uint8', values instanceof Uint8Array ? values : Uint8Array.from(values), dims);
    case 'float16':
      return halfTensor(values, dims);
    case 'float64':
      return new Tensor('float64', Float64Array.from(values), dims);
    case 'int32':
      return new Tensor('int32', Int32Array.from(values), dims);
    case 'int64':
      return new Tensor(
        'int64',
        BigInt64Array.from(values as Float32Array, (value) => BigInt(Math.round(value))),
        dims,
      );
  }
}

/**
 * The runtime's binding takes the bits of half precision, but its JavaScript side turns them into a Float16Array where the
 * engine has that type, which the binding then takes for empty.
 */
function halfTensor(values: TensorValues, dims: readonly number[]): Tensor {
  const bits = new Uint16Array(new Float16Array(values).buffer);
  return Object.defineProperty(new Tensor('float16', bits, dims), 'data', { value: bits });
}
