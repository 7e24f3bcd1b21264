/**
 * An ONNX file as it is decoded: every field optional, as in the file. Bytes are views of the file's memory. `unknown` holds
 * the fields that this package does not know, so that a model that is read and written again loses nothing.
 */
interface Message {
  unknown?: Uint8Array[];
}

export interface OnnxModel extends Message {
  irVersion?: Int;
  producerName?: string;
  producerVersion?: string;
  modelVersion?: Int;
  docString?: string;
  graph?: OnnxGraph;
  opsetImport?: OperatorSet[];
  metadataProps?: StringEntry[];
}

export interface OnnxGraph extends Message {
  node?: OnnxNode[];
  name?: string;
  initializer?: OnnxTensor[];
  input?: ValueInfo[];
  output?: ValueInfo[];
  valueInfo?: ValueInfo[];
}

export interface OnnxNode extends Message {
  input?: string[];
  output?: string[];
  name?: string;
  opType?: string;
  attribute?: OnnxAttribute[];
  domain?: string;
}

export interface OnnxAttribute extends Message {
  name?: string;
  f?: number;
  i?: Int;
  s?: Uint8Array;
  t?: OnnxTensor;
  g?: OnnxGraph;
  floats?: number[];
  ints?: Int[];
  strings?: Uint8Array[];
  type?: Int;
}

export interface OnnxTensor extends Message {
  dims?: Int[];
  dataType?: Int;
  floatData?: Uint8Array[];
  int32Data?: Uint8Array[];
  stringData?: Uint8Array[];
  int64Data?: Uint8Array[];
  name?: string;
  rawData?: Uint8Array;
  doubleData?: Uint8Array[];
  uint64Data?: Uint8Array[];
  externalData?: StringEntry[];
  /** 1: the data lie in another file. */
  dataLocation?: Int;
}

export interface ValueInfo extends Message {
  name?: string;
  type?: TypeInfo;
}

export interface TypeInfo extends Message {
  tensorType?: TensorTypeInfo;
  sequenceType?: { elemType?: TypeInfo } & Message;
  mapType?: { keyType?: Int; valueType?: TypeInfo } & Message;
  sparseTensorType?: TensorTypeInfo;
  optionalType?: { elemType?: TypeInfo } & Message;
}

export interface TensorTypeInfo extends Message {
  elemType?: Int;
  shape?: { dim?: Dimension[] } & Message;
}

export interface Dimension extends Message {
  dimValue?: Int;
  dimParam?: string;
}

export interface OperatorSet extends Message {
  domain?: string;
  version?: Int;
}

export interface StringEntry extends Message {
  key?: string;
  value?: string;
}

/** A bigint only where a number would lose digits. */
export type Int = number | bigint;
