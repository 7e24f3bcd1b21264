import { InternalError } from '@edgeveil/contracts/errors';
import type { Pixels } from '@edgeveil/picture-codec';
import type { LetterboxPlan } from '@edgeveil/vision';

/** Bytes of one picture as a session takes it: RGB, rows of the model's input. */
export function placedBytes({ width, height }: LetterboxPlan['input']): number {
  return 3 * width * height;
}

/**
 * Writes pixels of the size of `content` to where they lie in the model's input, and the padding around them; what reaches beyond
 * the input is left out. Every byte is written, so memory can be used again.
 */
export function placePixels(target: Uint8Array, pixels: Pixels, { input, content }: LetterboxPlan, pad: number): void {
  const { data, width, height } = pixels;
  if (width !== content.width || height !== content.height || target.length < placedBytes(input)) {
    throw new InternalError('PIXELS_SIZE_WRONG', 'pixels have not the planned size', {
      details: { width, height, content, input, target: target.length },
    });
  }
  const rowBytes = input.width * 3;
  const firstRow = Math.max(0, content.y);
  const endRow = Math.min(input.height, content.y + height);
  target.fill(pad, 0, firstRow * rowBytes);
  target.fill(pad, endRow * rowBytes, input.height * rowBytes);
  if (width === input.width) {
    target.set(data.subarray((firstRow - content.y) * rowBytes, (endRow - content.y) * rowBytes), firstRow * rowBytes);
    return;
  }
  const left = Math.max(0, content.x) * 3;
  const right = Math.min(input.width, content.x + width) * 3;
  const skipped = Math.max(0, -content.x) * 3;
  for (let row = firstRow; row < endRow; row += 1) {
    const start = row * rowBytes;
    const from = (row - content.y) * width * 3 + skipped;
    target.fill(pad, start, start + left);
    target.set(data.subarray(from, from + right - left), start + left);
    target.fill(pad, start + right, start + rowBytes);
  }
}
