import { RejectedError } from '@edgeveil/contracts';
import { encodeOnnx, parseOnnx, withPixelInput } from '@edgeveil/onnx-graph';
import type { ModelPackage } from '@edgeveil/vision';

type ModelInput = ModelPackage['input'];

/** A model that takes interleaved RGB bytes. */
export interface PixelGraph {
  readonly bytes: Uint8Array;
  /** Its input: that of the model, but for name, type and order. */
  readonly input: ModelInput;
}

/** Whether a model takes pictures as they lie in memory. */
export function takesPixels({ type, layout, channels, scale, mean, std }: ModelInput): boolean {
  const isPlain = scale === 1 && mean.every((each) => each === 0) && std.every((each) => each === 1);
  return type === 'uint8' && layout === 'nhwc' && channels === 'rgb' && isPlain;
}

/**
 * The model with cast, order of channels and normalisation as its first operators. `undefined` where that cannot be done: then
 * the input is filled number by number.
 */
export function pixelGraph(bytes: Uint8Array, { input }: ModelPackage): PixelGraph | undefined {
  try {
    const wrapped = withPixelInput(parseOnnx(bytes), input);
    return wrapped && { bytes: encodeOnnx(wrapped.model), input: pixelInput(input, wrapped.inputName) };
  } catch (error) {
    // The runtime reads models that we do not.
    if (error instanceof RejectedError) {
      return undefined;
    }
    throw error;
  }
}

function pixelInput(input: ModelInput, name: string): ModelInput {
  return {
    ...input,
    name,
    type: 'uint8',
    layout: 'nhwc',
    channels: 'rgb',
    scale: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
  };
}
