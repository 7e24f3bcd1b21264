import { decodeResized } from './decode-resized.ts';
import type { Pixels } from './pixels.ts';
import { probePicture } from './probe-picture.ts';

export interface ShrunkSize {
  readonly maxWidth: number;
  readonly maxHeight: number;
}

/** Size of a picture as displayed, where it is known already. */
type PictureSize = Pick<Pixels, 'width' | 'height'>;

export interface ShrunkPixels extends Pixels {
  /** Size here divided by size of the picture as displayed. The two differ by rounding only. */
  readonly scaleX: number;
  readonly scaleY: number;
}

/**
 * Decodes to the largest size of the same shape that fits inside `size` (a smaller picture is enlarged), orientation
 * applied. A JPEG is shrunk by 2, 4 or 8 while it is decoded, and from there bilinearly with area averaging: measured on
 * a 1080p photo at 416 wide 3.8 ms, against 5.4 ms for libjpeg-turbo at full size and a resize.
 * Throws RejectedError like `decodePicture`.
 */
export async function decodeShrunk(bytes: Buffer, size: ShrunkSize, displayed?: PictureSize): Promise<ShrunkPixels> {
  const original = displayed ?? (await probePicture(bytes));
  const { width, height } = fitInside(original, size);
  const pixels = await decodeResized(bytes, { width, height });
  return { ...pixels, scaleX: width / original.width, scaleY: height / original.height };
}

/** The size that `decodeShrunk` gives: scaled by the same factor, rounded, at least one pixel each way. */
export function fitInside(
  picture: { readonly width: number; readonly height: number },
  { maxWidth, maxHeight }: ShrunkSize,
): { width: number; height: number } {
  const scale = Math.min(maxWidth / picture.width, maxHeight / picture.height);
  const fit = (length: number, max: number) => Math.min(max, Math.max(1, Math.round(length * scale)));
  return { width: fit(picture.width, maxWidth), height: fit(picture.height, maxHeight) };
}
