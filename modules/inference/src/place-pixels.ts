import { InternalError } from '@edgeveil/contracts/errors';
import type { Pixels, ResizeTarget } from '@edgeveil/picture-codec';
import { type LetterboxPlan, visibleContent } from '@edgeveil/vision/letterbox';

/** Bytes of one picture as a session takes it: RGB, rows of the model's input. */
export function placedBytes({ width, height }: LetterboxPlan['input']): number {
  return 3 * width * height;
}

/** What a picture is brought to so that `placePixels` can place it: no more of a cropped one than is seen, which of a sliver is next to nothing. */
export function resizeTarget(plan: LetterboxPlan): ResizeTarget {
  const { width, height } = plan.content;
  return { width, height, part: visibleContent(plan) };
}

/**
 * Writes the visible pixels of `content` to where they lie in the model's input, and the padding around them. Every byte is
 * written, so memory can be used again.
 */
export function placePixels(
  target: Uint8Array,
  { data, width, height }: Pixels,
  plan: LetterboxPlan,
  pad: number,
): void {
  const { input, content } = plan;
  const visible = visibleContent(plan);
  if (width !== visible.width || height !== visible.height || target.length < placedBytes(input)) {
    throw new InternalError('PIXELS_SIZE_WRONG', 'pixels have not the planned size', {
      details: { width, height, visible, content, input, target: target.length },
    });
  }
  const rowBytes = input.width * 3;
  const firstRow = Math.max(0, content.y);
  const endRow = firstRow + height;
  target.fill(pad, 0, firstRow * rowBytes);
  target.fill(pad, endRow * rowBytes, input.height * rowBytes);
  const contentBytes = width * 3;
  if (contentBytes === rowBytes) {
    target.set(data.subarray(0, height * rowBytes), firstRow * rowBytes);
    return;
  }
  const left = Math.max(0, content.x) * 3;
  for (let row = 0; row < height; row += 1) {
    const start = (firstRow + row) * rowBytes;
    target.fill(pad, start, start + left);
    target.set(data.subarray(row * contentBytes, (row + 1) * contentBytes), start + left);
    target.fill(pad, start + left + contentBytes, start + rowBytes);
  }
}
