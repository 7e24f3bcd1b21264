import { RejectedError } from '@edgeveil/contracts';
import { elementBytes, elementTypeName } from './element-type.ts';
import type { OnnxGraph, OnnxModel, OnnxTensor } from './onnx-model.ts';
import { describeValue } from './value-description.ts';

/** A tensor beyond this many elements is a mistake or an attack: the largest picture batches are a thousandth of it. */
const MAX_ELEMENTS = 2 ** 33;

/** Refuses what decodes but is no model, or one whose parts contradict each other. See `parseOnnx` for the codes. */
export function checkOnnx(model: OnnxModel): void {
  const { graph } = model;
  if (graph === undefined || ((graph.output ?? []).length === 0 && (graph.node ?? []).length === 0)) {
    throw new RejectedError('ONNX_NOT_A_MODEL', 'not an ONNX model: it has no graph', { details: {} });
  }
  if ((graph.output ?? []).length === 0) {
    throw damaged('the graph has no output');
  }
  if ((model.opsetImport ?? []).length === 0) {
    throw damaged('it names no operator set, so its end may be missing');
  }
  for (const tensor of graph.initializer ?? []) {
    checkTensor(tensor);
  }
  checkValues(graph);
}

function checkValues(graph: OnnxGraph): void {
  for (const value of [...(graph.input ?? []), ...(graph.output ?? [])]) {
    const { name, shape = [] } = describeValue(value);
    const fixed = shape.filter((dim) => typeof dim === 'number');
    const text = `${name} [${shape.join(',')}]`;
    if (fixed.some((dim) => dim < 0)) {
      throw damaged(`a dimension is negative: ${text}`);
    }
    if (fixed.reduce((product, dim) => product * Math.max(dim, 1), 1) > MAX_ELEMENTS) {
      throw new RejectedError('ONNX_SHAPE_TOO_LARGE', `the model declares a tensor of an impossible size: ${text}`, {
        details: { name, shape, maxElements: MAX_ELEMENTS },
      });
    }
  }
}

function checkTensor(tensor: OnnxTensor): void {
  const name = tensor.name ?? '';
  const dims = (tensor.dims ?? []).map(Number);
  const type = elementTypeName(tensor.dataType);
  const each = elementBytes(type);
  const raw = tensor.rawData;
  if (dims.some((dim) => dim < 0)) {
    throw damaged(`a dimension of the weights ${name} is negative: [${dims.join(',')}]`);
  }
  if (each === undefined || raw === undefined || tensor.dataLocation === 1) {
    return;
  }
  const declared = dims.reduce((product, dim) => product * dim, each);
  if (declared !== raw.length) {
    throw damaged(`the weights ${name} declare ${type} [${dims.join(',')}], ${declared} bytes, and hold ${raw.length}`);
  }
}

function damaged(what: string): RejectedError {
  return new RejectedError('ONNX_DAMAGED', `the ONNX model is damaged: ${what}`, { details: { found: what } });
}
