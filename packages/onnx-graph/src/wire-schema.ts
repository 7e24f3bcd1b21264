/**
 * How a field is kept after decoding. `int` is a 64-bit varint as a number (a bigint beyond 2^53), `packed` are the bytes of
 * a packed list of numbers, untouched, because weights may be stored that way.
 */
export type FieldKind = 'int' | 'float' | 'string' | 'bytes' | 'packed' | MessageName;

export interface FieldSpec {
  readonly name: string;
  readonly kind: FieldKind;
  readonly isList: boolean;
}

export type MessageName =
  | 'Model'
  | 'Graph'
  | 'Node'
  | 'Attribute'
  | 'Tensor'
  | 'ValueInfo'
  | 'Type'
  | 'TensorType'
  | 'ListType'
  | 'MapType'
  | 'Shape'
  | 'Dimension'
  | 'OperatorSet'
  | 'StringEntry';

const one = (name: string, kind: FieldKind): FieldSpec => ({ name, kind, isList: false });
const list = (name: string, kind: FieldKind): FieldSpec => ({ name, kind, isList: true });

/** Field numbers of onnx.proto3 that this package understands. What is not listed is carried along as it is. */
export const WIRE_SCHEMA: Readonly<Record<MessageName, ReadonlyMap<number, FieldSpec>>> = {
  Model: new Map([
    [1, one('irVersion', 'int')],
    [2, one('producerName', 'string')],
    [3, one('producerVersion', 'string')],
    [5, one('modelVersion', 'int')],
    [6, one('docString', 'string')],
    [7, one('graph', 'Graph')],
    [8, list('opsetImport', 'OperatorSet')],
    [14, list('metadataProps', 'StringEntry')],
  ]),
  Graph: new Map([
    [1, list('node', 'Node')],
    [2, one('name', 'string')],
    [5, list('initializer', 'Tensor')],
    [11, list('input', 'ValueInfo')],
    [12, list('output', 'ValueInfo')],
    [13, list('valueInfo', 'ValueInfo')],
  ]),
  Node: new Map([
    [1, list('input', 'string')],
    [2, list('output', 'string')],
    [3, one('name', 'string')],
    [4, one('opType', 'string')],
    [5, list('attribute', 'Attribute')],
    [7, one('domain', 'string')],
  ]),
  Attribute: new Map([
    [1, one('name', 'string')],
    [2, one('f', 'float')],
    [3, one('i', 'int')],
    [4, one('s', 'bytes')],
    [5, one('t', 'Tensor')],
    [6, one('g', 'Graph')],
    [7, list('floats', 'float')],
    [8, list('ints', 'int')],
    [9, list('strings', 'bytes')],
    [20, one('type', 'int')],
  ]),
  Tensor: new Map([
    [1, list('dims', 'int')],
    [2, one('dataType', 'int')],
    [4, list('floatData', 'packed')],
    [5, list('int32Data', 'packed')],
    [6, list('stringData', 'bytes')],
    [7, list('int64Data', 'packed')],
    [8, one('name', 'string')],
    [9, one('rawData', 'bytes')],
    [10, list('doubleData', 'packed')],
    [11, list('uint64Data', 'packed')],
    [13, list('externalData', 'StringEntry')],
    [14, one('dataLocation', 'int')],
  ]),
  ValueInfo: new Map([
    [1, one('name', 'string')],
    [2, one('type', 'Type')],
  ]),
  Type: new Map([
    [1, one('tensorType', 'TensorType')],
    [4, one('sequenceType', 'ListType')],
    [5, one('mapType', 'MapType')],
    [8, one('sparseTensorType', 'TensorType')],
    [9, one('optionalType', 'ListType')],
  ]),
  TensorType: new Map([
    [1, one('elemType', 'int')],
    [2, one('shape', 'Shape')],
  ]),
  ListType: new Map([[1, one('elemType', 'Type')]]),
  MapType: new Map([
    [1, one('keyType', 'int')],
    [2, one('valueType', 'Type')],
  ]),
  Shape: new Map([[1, list('dim', 'Dimension')]]),
  Dimension: new Map([
    [1, one('dimValue', 'int')],
    [2, one('dimParam', 'string')],
  ]),
  OperatorSet: new Map([
    [1, one('domain', 'string')],
    [2, one('version', 'int')],
  ]),
  StringEntry: new Map([
    [1, one('key', 'string')],
    [2, one('value', 'string')],
  ]),
};

export function isMessage(kind: FieldKind): kind is MessageName {
  return kind in WIRE_SCHEMA;
}
