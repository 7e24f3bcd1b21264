import { type ElementType, elementTypeCode } from './element-type.ts';
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor, ValueInfo } from './onnx-model.ts';

/** A number, numbers, or text. Write a number with `float` where an operator asks for one. */
export type AttributeValue = number | readonly number[] | string | { readonly float: number } | OnnxTensor;

/** Attribute types as the file numbers them. */
const ATTRIBUTE = { float: 1, int: 2, string: 3, tensor: 4, ints: 7 } as const;

export function node(
  opType: string,
  input: readonly string[],
  output: readonly string[] | string,
  attributes: Readonly<Record<string, AttributeValue>> = {},
): OnnxNode {
  return {
    opType,
    input: [...input],
    output: typeof output === 'string' ? [output] : [...output],
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  };
}

function attribute(name: string, value: AttributeValue): OnnxAttribute {
  if (typeof value === 'number') {
    return { name, i: value, type: ATTRIBUTE.int };
  }
  if (typeof value === 'string') {
    return { name, s: Buffer.from(value), type: ATTRIBUTE.string };
  }
  if (isNumbers(value)) {
    return { name, ints: [...value], type: ATTRIBUTE.ints };
  }
  return 'float' in value
    ? { name, f: value.float, type: ATTRIBUTE.float }
    : { name, t: value, type: ATTRIBUTE.tensor };
}

function isNumbers(value: AttributeValue): value is readonly number[] {
  return Array.isArray(value);
}

/** Numbers of a tensor; `Uint16Array` holds the bits of float16. */
export type TensorData = Float32Array | Float64Array | Uint8Array | Uint16Array | Int32Array | BigInt64Array;

export function tensor(name: string, dims: readonly number[], data: TensorData): OnnxTensor {
  return {
    name,
    dims: [...dims],
    dataType: elementTypeCode(elementTypeOf(data)),
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

function elementTypeOf(data: TensorData): ElementType {
  if (data instanceof Float32Array) {
    return 'float32';
  }
  if (data instanceof Float64Array) {
    return 'float64';
  }
  if (data instanceof Int32Array) {
    return 'int32';
  }
  if (data instanceof BigInt64Array) {
    return 'int64';
  }
  return data instanceof Uint16Array ? 'float16' : 'uint8';
}

/** An input or output; a dimension that is not fixed is a name. */
export function value(name: string, type: ElementType, dims: readonly (number | string)[]): ValueInfo {
  const dim = dims.map((each) => (typeof each === 'number' ? { dimValue: each } : { dimParam: each }));
  return { name, type: { tensorType: { elemType: elementTypeCode(type), shape: { dim } } } };
}

export interface NewModel {
  readonly name?: string;
  readonly opset?: number;
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initialisers?: readonly OnnxTensor[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A model of a few nodes. Opset 13 unless said otherwise. */
export function buildOnnx({ name = 'graph', opset = 13, ...parts }: NewModel): OnnxModel {
  return {
    irVersion: 8,
    producerName: 'edgeveil',
    graph: {
      name,
      node: [...parts.nodes],
      input: [...parts.inputs],
      output: [...parts.outputs],
      initializer: [...(parts.initialisers ?? [])],
    },
    opsetImport: [{ domain: '', version: opset }],
    metadataProps: Object.entries(parts.metadata ?? {}).map(([key, text]) => ({ key, value: text })),
  };
}
