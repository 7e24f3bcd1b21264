export { type AttributeValue, buildOnnx, type NewModel, node, type TensorData, tensor, value } from './build-onnx.ts';
export { checkExternalData } from './check-external-data.ts';
export { describeOnnx, type InitialiserDescription, type OnnxDescription } from './describe-onnx.ts';
export type { ElementType } from './element-type.ts';
export { encodeOnnx } from './encode-message.ts';
export type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, ValueInfo } from './onnx-model.ts';
export { parseOnnx } from './parse-onnx.ts';
export type { ValueDescription } from './value-description.ts';
export { type PixelInput, type PixelModel, withPixelInput } from './with-pixel-input.ts';
