import { ConfigError } from '@edgeveil/contracts';
import type { Size } from '../boxes.ts';
import type { IoMetadata } from '../model-io.ts';

/** An input beside the picture that always gets the same numbers. */
export interface AuxiliaryInput {
  readonly name: string;
  readonly type: 'float32' | 'int64' | 'int32';
  readonly dims: readonly number[];
  readonly values: readonly number[];
}

type Meaning = (size: Size) => readonly number[];
const heightWidth: Meaning = ({ width, height }) => [height, width];
const widthHeight: Meaning = ({ width, height }) => [width, height];

/** What families feed beside the picture, by the names that their exporters give. Pictures come at the input's own size. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  // RT-DETR, D-FINE, DEIM.
  orig_target_sizes: widthHeight,
  orig_size: widthHeight,
  target_sizes: heightWidth,
  // PaddleDetection.
  im_shape: heightWidth,
  scale_factor: () => [1, 1],
  // YOLOv3 of the ONNX model zoo.
  image_shape: heightWidth,
  iou_threshold: () => [0.5],
  score_threshold: () => [0.1],
  confidence_threshold: () => [0.1],
  max_output_boxes_per_class: () => [100],
};

/** Which pixels are the picture's and which are padding: DETR as Hugging Face exports it. */
export function isPixelMask({ name, shape }: Pick<IoMetadata, 'name' | 'shape'>): boolean {
  return /^pixel_mask$/i.test(name) && shape?.length === 3;
}

/** Every pixel is the picture's: it is stretched over the whole input. */
function pixelMask(name: string, shape: readonly (number | string)[], size: Size): AuxiliaryInput {
  const side = (axis: number, open: number): number => {
    const dim = shape[axis];
    return typeof dim === 'number' ? dim : open;
  };
  const dims = [1, side(1, size.height), side(2, size.width)];
  const count = dims.reduce((product, dim) => product * dim, 1);
  return { name, type: 'int64', dims, values: Array.from({ length: count }, () => 1) };
}

/**
 * Numbers for the inputs beside the picture, for a run of one picture. ConfigError MODEL_INPUT_UNKNOWN for one whose meaning
 * is not known.
 */
export function auxiliaryInputs(others: readonly IoMetadata[], size: Size): AuxiliaryInput[] {
  return others.map(({ name, type, shape = [] }) => {
    if (isPixelMask({ name, shape }) && type === 'int64') {
      return pixelMask(name, shape, size);
    }
    const values = MEANINGS[name.toLowerCase()]?.(size);
    if (values === undefined || (type !== 'float32' && type !== 'int64' && type !== 'int32')) {
      const expected = `the picture alone, or beside it one of ${Object.keys(MEANINGS).join(', ')}`;
      const found = `${name} ${type ?? 'not a tensor'} [${shape.join(',')}]`;
      throw new ConfigError('MODEL_INPUT_UNKNOWN', `model input not recognised: expected ${expected}, found ${found}`, {
        details: { expected, found },
      });
    }
    // [2], [1,2] or a single number: whatever the shape, it holds these values once.
    const dims = shape.map((_, axis) => (axis === shape.length - 1 ? values.length : 1));
    return { name, type, dims, values };
  });
}
