import { elementTypeName } from './element-type.ts';
import type { TensorTypeInfo, TypeInfo, ValueInfo } from './onnx-model.ts';

/** An input or output of a graph, in the form in which onnxruntime describes it. */
export interface ValueDescription {
  readonly name: string;
  readonly kind: 'tensor' | 'sequence' | 'map' | 'optional' | 'unknown';
  readonly isTensor: boolean;
  /** Element type of a tensor: `float32`, `int64`, … */
  readonly type?: string;
  /** A dimension that is not fixed is a name, possibly empty. `undefined` where the file gives no shape. */
  readonly shape?: readonly (number | string)[];
}

export function describeValue(value: ValueInfo): ValueDescription {
  const name = value.name ?? '';
  const tensor = value.type?.tensorType ?? value.type?.sparseTensorType;
  if (tensor !== undefined) {
    return { name, kind: 'tensor', isTensor: true, type: elementTypeName(tensor.elemType), shape: shapeOf(tensor) };
  }
  return { name, kind: kindOf(value.type), isTensor: false };
}

function shapeOf({ shape }: TensorTypeInfo): readonly (number | string)[] | undefined {
  return shape === undefined
    ? undefined
    : (shape.dim ?? []).map(({ dimValue, dimParam }) => (dimValue === undefined ? (dimParam ?? '') : Number(dimValue)));
}

function kindOf(type: TypeInfo | undefined): ValueDescription['kind'] {
  if (type?.sequenceType !== undefined) {
    return 'sequence';
  }
  if (type?.mapType !== undefined) {
    return 'map';
  }
  return type?.optionalType === undefined ? 'unknown' : 'optional';
}
