import { node, tensor, value } from './build-onnx.ts';
import { type ElementType, elementTypeCode } from './element-type.ts';
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from './onnx-model.ts';
import { describeValue } from './value-description.ts';

/** How 8-bit RGB becomes the values that a model's input takes: `(pixel * scale - mean) / std`, mean and std in the order of `channels`. */
export interface PixelInput {
  /** The graph's own input. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly layout: 'nchw' | 'nhwc';
  readonly channels: 'rgb' | 'bgr' | 'grey';
  readonly scale: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

export interface PixelModel {
  readonly model: OnnxModel;
  /** The new input: uint8, `[batch, height, width, 3]`, or without the batch where the model has none. */
  readonly inputName: string;
}

/** Since this version Mul and Add stretch a value per channel over a picture by themselves. */
const LOWEST_OPSET = 7;

/**
 * The same model with interleaved RGB bytes for its input, which it turns into what it wants by its first operators: a
 * quarter of the memory crosses to the device, and the runtime does it with the instructions of that device. The model given is
 * left as it is, weights are shared. `undefined` when its input is no picture of three channels in float32, float16 or uint8,
 * or its operator set is older than 7.
 */
export function withPixelInput(model: OnnxModel, format: PixelInput): PixelModel | undefined {
  const graph = model.graph ?? {};
  const own = (graph.input ?? []).find(({ name }) => name === format.name);
  const description = own === undefined ? undefined : describeValue(own);
  const type = description?.type;
  const rank = description?.shape?.length;
  if (
    format.channels === 'grey' ||
    !isSupported(type) ||
    (rank !== 3 && rank !== 4) ||
    defaultOpset(model) < LOWEST_OPSET
  ) {
    return undefined;
  }
  const prefix = freePrefix(graph);
  const inputName = `${prefix}rgb`;
  const { nodes, tensors } = operatorsFor(format, type, rank === 4, prefix);
  const batch = description?.shape?.[0];
  const dims = [
    ...(rank === 4 ? [typeof batch === 'number' ? batch : `${prefix}batch`] : []),
    format.height,
    format.width,
    3,
  ];
  return {
    inputName,
    model: {
      ...model,
      graph: {
        ...graph,
        node: [...nodes, ...(graph.node ?? [])],
        initializer: [...(graph.initializer ?? []), ...tensors],
        input: (graph.input ?? []).map((each) => (each === own ? value(inputName, 'uint8', dims) : each)),
      },
    },
  };
}

type PictureType = Extract<ElementType, 'float32' | 'float16' | 'uint8'>;

function isSupported(type: string | undefined): type is PictureType {
  return type === 'float32' || type === 'float16' || type === 'uint8';
}

function defaultOpset({ opsetImport = [] }: OnnxModel): number {
  return Number(opsetImport.find(({ domain = '' }) => domain === '' || domain === 'ai.onnx')?.version ?? 1);
}

interface Step {
  readonly opType: string;
  readonly tensor?: OnnxTensor;
  readonly attributes?: Parameters<typeof node>[3];
}

// Bytes are moved about before they grow to floats; the arithmetic is done in float32 also for a float16 model.
function operatorsFor(
  format: PixelInput,
  type: PictureType,
  hasBatch: boolean,
  prefix: string,
): { nodes: OnnxNode[]; tensors: OnnxTensor[] } {
  const steps = [...orderSteps(format, hasBatch, prefix), ...valueSteps(format, type, prefix)];
  // A model that takes the bytes as they are still has to get them under its own name.
  const all = steps.length === 0 ? [{ opType: 'Identity' }] : steps;
  const nodes = all.map(({ opType, tensor: operand, attributes }, index) =>
    node(
      opType,
      [index === 0 ? `${prefix}rgb` : `${prefix}${index}`, ...(operand?.name === undefined ? [] : [operand.name])],
      index === all.length - 1 ? format.name : `${prefix}${index + 1}`,
      attributes,
    ),
  );
  return {
    nodes,
    tensors: all.flatMap((step) => ('tensor' in step && step.tensor !== undefined ? [step.tensor] : [])),
  };
}

function valueSteps(format: PixelInput, type: PictureType, prefix: string): Step[] {
  const scaling = scaleSteps(format, prefix);
  if (type === 'float16' && scaling.length > 0) {
    return [cast('float32'), ...scaling, cast(type)];
  }
  return type === 'uint8' ? [] : [cast(type), ...scaling];
}

function orderSteps({ layout, channels }: PixelInput, hasBatch: boolean, prefix: string): Step[] {
  const first = hasBatch ? 1 : 0;
  const steps: Step[] = [];
  if (layout === 'nchw') {
    steps.push({ opType: 'Transpose', attributes: { perm: hasBatch ? [0, 3, 1, 2] : [2, 0, 1] } });
  }
  if (channels === 'bgr') {
    const order = tensor(`${prefix}order`, [3], new BigInt64Array([2n, 1n, 0n]));
    steps.push({ opType: 'Gather', tensor: order, attributes: { axis: layout === 'nchw' ? first : first + 2 } });
  }
  return steps;
}

function scaleSteps({ layout, scale, mean, std }: PixelInput, prefix: string): Step[] {
  const dims = layout === 'nchw' ? [3, 1, 1] : [3];
  const gain = std.map((each) => scale / each);
  const bias = mean.map((each, channel) => (each === 0 ? 0 : -each / (std[channel] ?? 1)));
  return [
    ...(gain.every((each) => each === 1)
      ? []
      : [{ opType: 'Mul', tensor: tensor(`${prefix}gain`, dims, new Float32Array(gain)) }]),
    ...(bias.every((each) => each === 0)
      ? []
      : [{ opType: 'Add', tensor: tensor(`${prefix}bias`, dims, new Float32Array(bias)) }]),
  ];
}

function cast(type: PictureType): Step {
  return { opType: 'Cast', attributes: { to: elementTypeCode(type) } };
}

/** The start of names that no value of the graph has. */
function freePrefix({ node: nodes = [], initializer = [], input = [] }: OnnxGraph): string {
  const taken = [
    ...nodes.flatMap(({ output = [] }) => output),
    ...[...initializer, ...input].map(({ name = '' }) => name),
  ];
  let prefix = 'pixels_';
  while (taken.some((name) => name.startsWith(prefix))) {
    prefix = `_${prefix}`;
  }
  return prefix;
}
