import type { ModelFacts } from '../../recognition/model-facts.ts';
import { centred, type InputRule, RGB_RAW_STRETCH } from '../input-rules.ts';

/** No line of text is higher: detectors and classifiers take more. */
const MAX_HEIGHT = 96;
const MIN_RATIO = 1.9;
/** PaddleOCR's own, where a model takes any width. */
const USUAL_LINE = { width: 320, height: 48 };

/** Whether the picture that a model takes is a line of text: low and wide. */
export function takesLine({ image, size, metadata }: ModelFacts): boolean {
  const { width, height } = image;
  if (metadata.character !== undefined) {
    return true;
  }
  return height !== undefined && height <= MAX_HEIGHT && (width === undefined || size.width >= size.height * MIN_RATIO);
}

/** The size for a model that takes any. */
export function lineSize({ image }: ModelFacts): { readonly width: number; readonly height: number } {
  const height = image.height ?? USUAL_LINE.height;
  return { width: image.width ?? Math.round((USUAL_LINE.width * height) / USUAL_LINE.height), height };
}

interface LineInput {
  readonly input: InputRule;
  readonly reason: string;
}

/** How networks that read along a line want their pixels. */
export function lineInput({ image, size, metadata }: ModelFacts): LineInput {
  if (metadata.character === undefined && image.height === 24) {
    return { input: centred('bgr', 127.5, 128), reason: '24 high as LPRNet has it: BGR, -1 to 1, stretched' };
  }
  if (image.channels === 'grey') {
    return {
      input: centred('bgr', 127.5, 127.5),
      reason: `grey, ${size.height} high as CRNN has it: -1 to 1, stretched`,
    };
  }
  const input: InputRule = { ...centred('bgr', 127.5, 127.5), resize: 'letterbox', anchor: 'top-left', pad: 127 };
  return { input, reason: 'as PaddleOCR has it: BGR, -1 to 1, ratio kept, what is left of the line in grey' };
}

/** How networks that read a plate place by place want them: they normalise by themselves. */
export const PLATE_INPUT: LineInput = {
  input: RGB_RAW_STRETCH,
  reason: 'as fast-plate-ocr has it: 0 to 255, stretched',
};
