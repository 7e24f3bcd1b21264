import type { ModelInput } from '../model-package.ts';

/** How pixels become values, without name and size of the input. */
export type InputRule = Pick<ModelInput, 'channels' | 'scale' | 'mean' | 'std' | 'resize' | 'anchor' | 'pad'>;

const PLAIN = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
const LETTERBOX = { resize: 'letterbox', anchor: 'centre' } as const;
const STRETCH = { resize: 'stretch', anchor: 'centre', pad: 0 } as const;

/** YOLOv5 to YOLO26 as Ultralytics trains them. */
export const RGB_UNIT_LETTERBOX: InputRule = { ...PLAIN, ...LETTERBOX, channels: 'rgb', scale: 1 / 255, pad: 114 };

export const RGB_UNIT_STRETCH: InputRule = { ...PLAIN, ...STRETCH, channels: 'rgb', scale: 1 / 255 };

export const BGR_UNIT_STRETCH: InputRule = { ...PLAIN, ...STRETCH, channels: 'bgr', scale: 1 / 255 };

export const RGB_RAW_STRETCH: InputRule = { ...PLAIN, ...STRETCH, channels: 'rgb', scale: 1 };

export const BGR_RAW_STRETCH: InputRule = { ...PLAIN, ...STRETCH, channels: 'bgr', scale: 1 };

/** YOLOX. */
export const BGR_RAW_LETTERBOX: InputRule = {
  ...PLAIN,
  channels: 'bgr',
  scale: 1,
  resize: 'letterbox',
  anchor: 'top-left',
  pad: 114,
};

/** Means of ImageNet in BGR order, as Caffe's models subtract them. */
export const CAFFE_MEAN = [104, 117, 123] as const;

/** torchvision, timm and Hugging Face. */
export const RGB_IMAGENET: InputRule = {
  channels: 'rgb',
  scale: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  resize: 'stretch',
  anchor: 'centre',
  pad: 0,
};

/** (pixel - middle) / range in every channel. */
export function centred(channels: 'rgb' | 'bgr', middle: number, range: number): InputRule {
  return { ...STRETCH, channels, scale: 1, mean: [middle, middle, middle], std: [range, range, range] };
}
