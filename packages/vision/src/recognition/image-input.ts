import { ConfigError } from '@edgeveil/contracts';
import { type IoMetadata, ioText, type ModelIo } from '../model-io.ts';
import type { InputType } from '../model-package.ts';
import { isPixelMask } from './auxiliary-inputs.ts';

/** Sides that a picture of a vision model may have; beyond is a mistake, or a file made to exhaust memory. */
const MIN_SIDE = 8;
const MAX_SIDE = 8192;

/** The input that takes the picture. */
export interface ImageInput {
  readonly name: string;
  readonly layout: 'nchw' | 'nhwc';
  readonly type: InputType;
  /** `undefined`: any. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** Pictures per run: a number, the name of an open dimension, or `undefined` where the input has no batch dimension. */
  readonly batch: number | string | undefined;
  /** One channel in place of three. */
  readonly channels?: 'grey';
  /** Whether the place of the colour channels had to be assumed. */
  readonly isLayoutAssumed: boolean;
  /** Operators that take the picture first. */
  readonly goesTo: readonly string[];
}

const IMAGE_TYPES: readonly string[] = ['float32', 'float16', 'float64', 'uint8', 'int32', 'int64'];

/**
 * Finds the input that takes a picture, and the others. ConfigError MODEL_INPUT_UNKNOWN with `expected` and `found`
 * when there is none, or more than one.
 */
export function findImageInput(io: ModelIo): { readonly image: ImageInput; readonly others: readonly IoMetadata[] } {
  const pictures = io.inputs.flatMap((input) => {
    const image = isPixelMask(input) ? undefined : asImage(input);
    return image === undefined ? [] : [{ input, image }];
  });
  // A map of one channel beside a colour picture is a mask.
  const colour = pictures.filter(({ image }) => image.channels === undefined);
  const candidates = colour.length > 0 ? colour : pictures;
  const [first, ...more] = candidates;
  if (first === undefined || more.length > 0) {
    throw unknownInput('one input [batch,3,height,width] or [batch,height,width,3], or with 1 for grey', io);
  }
  const { width, height } = first.image;
  if ([width, height].some((side) => side !== undefined && (side < MIN_SIDE || side > MAX_SIDE))) {
    throw unknownInput(`a picture of ${MIN_SIDE} to ${MAX_SIDE} pixels a side`, io);
  }
  return { image: first.image, others: io.inputs.filter((input) => input !== first.input) };
}

export function unknownInput(expected: string, io: ModelIo): ConfigError {
  const found = ioText(io.inputs) || 'no input';
  return new ConfigError('MODEL_INPUT_UNKNOWN', `model input not recognised: expected ${expected}, found ${found}`, {
    details: { expected, found },
  });
}

function asImage({ name, type, shape, isTensor, goesTo = [] }: IoMetadata): ImageInput | undefined {
  if (!isTensor || shape === undefined || !isImageType(type) || shape.length < 3 || shape.length > 4) {
    return undefined;
  }
  const [batch, ...dims] = shape.length === 4 ? shape : [undefined, ...shape];
  const [first, second, third] = dims;
  if (first === undefined || second === undefined || third === undefined) {
    return undefined;
  }
  const side = (dim: number | string): number | undefined => (typeof dim === 'number' ? dim : undefined);
  const common = { name, type, batch, goesTo };
  if (first === 3 || (typeof first === 'string' && third !== 3)) {
    const isLayoutAssumed = first !== 3;
    return { ...common, layout: 'nchw', height: side(second), width: side(third), isLayoutAssumed };
  }
  if (third === 3) {
    return { ...common, layout: 'nhwc', height: side(first), width: side(second), isLayoutAssumed: false };
  }
  if (shape.length === 4 && (first === 1) !== (third === 1)) {
    const [height, width] = first === 1 ? [second, third] : [first, second];
    const layout = first === 1 ? 'nchw' : 'nhwc';
    return { ...common, layout, channels: 'grey', height: side(height), width: side(width), isLayoutAssumed: false };
  }
  return undefined;
}

function isImageType(type: string | undefined): type is InputType {
  return type !== undefined && IMAGE_TYPES.includes(type);
}
