import type { Box } from '@edgeveil/contracts';
import { clipBox, type Size } from './boxes.ts';

/** How a picture is brought to a model's input size. */
export interface ResizeRule extends Size {
  /** `letterbox` keeps the aspect ratio and pads, `stretch` fills the input, `crop` fills it with the middle of the picture. */
  readonly resize: 'letterbox' | 'stretch' | 'crop';
  /** Where the picture lies in the padded input; the padding is right and below, or on both sides. */
  readonly anchor: 'top-left' | 'centre';
}

/**
 * Where a picture lies in a model's input. Positions and sizes are whole pixels, as the pixels are really placed. A cropped
 * picture reaches beyond the input: its position is negative then.
 */
export interface LetterboxPlan {
  readonly original: Size;
  readonly input: Size;
  readonly content: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

/**
 * Plans how a picture of the displayed size `original` is placed in the input. Small pictures are enlarged too, in a letterbox by
 * `maxScale` at most: the rest is padding then.
 */
export function planLetterbox(original: Size, rule: ResizeRule, maxScale = Number.POSITIVE_INFINITY): LetterboxPlan {
  const input = { width: rule.width, height: rule.height };
  if (rule.resize === 'stretch') {
    return { original, input, content: { x: 0, y: 0, ...input } };
  }
  if (rule.resize === 'crop') {
    return { original, input, content: cropped(original, input) };
  }
  const scale = Math.min(rule.width / original.width, rule.height / original.height, maxScale);
  const width = Math.max(1, Math.min(rule.width, Math.round(original.width * scale)));
  const height = Math.max(1, Math.min(rule.height, Math.round(original.height * scale)));
  const x = rule.anchor === 'centre' ? Math.floor((rule.width - width) / 2) : 0;
  const y = rule.anchor === 'centre' ? Math.floor((rule.height - height) / 2) : 0;
  return { original, input, content: { x, y, width, height } };
}

function cropped(original: Size, input: Size): LetterboxPlan['content'] {
  const scale = Math.max(input.width / original.width, input.height / original.height);
  const width = Math.max(input.width, Math.round(original.width * scale));
  const height = Math.max(input.height, Math.round(original.height * scale));
  // Adding 0 makes 0 of the -0 that rounding up gives.
  return { x: Math.ceil((input.width - width) / 2) + 0, y: Math.ceil((input.height - height) / 2) + 0, width, height };
}

/** The part of the content that lies inside the input: all of it, unless the picture is cropped. Whole pixels of the content. */
export function visibleContent({
  input,
  content,
}: LetterboxPlan): Size & { readonly left: number; readonly top: number } {
  const left = Math.max(0, -content.x);
  const top = Math.max(0, -content.y);
  return {
    left,
    top,
    width: Math.min(content.width - left, input.width),
    height: Math.min(content.height - top, input.height),
  };
}

/** From pixels of the original to pixels of the input. */
export function toInput(plan: LetterboxPlan, box: Box): Box {
  const scaleX = plan.content.width / plan.original.width;
  const scaleY = plan.content.height / plan.original.height;
  return [box[0] * scaleX + plan.content.x, box[1] * scaleY + plan.content.y, box[2] * scaleX, box[3] * scaleY];
}

/** From pixels of the input to pixels of the original, cut to the picture: a box in the padding gets no area. */
export function fromInput(plan: LetterboxPlan, box: Box): Box {
  const scaleX = plan.original.width / plan.content.width;
  const scaleY = plan.original.height / plan.content.height;
  return clipBox(
    [(box[0] - plan.content.x) * scaleX, (box[1] - plan.content.y) * scaleY, box[2] * scaleX, box[3] * scaleY],
    plan.original,
  );
}
