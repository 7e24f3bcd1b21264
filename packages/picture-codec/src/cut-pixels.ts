import { InternalError } from '@edgeveil/contracts';
import type { Pixels } from './pixels.ts';
import { sharp } from './sharp-engine.ts';

/** Whole pixels of a picture. */
export interface PixelArea {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Copies a part of a decoded picture and brings it to a size, as `decodeShrunk` brings a whole one: bilinear, with area averaging where it
 * is shrunk. On the thread pool; the pixels must not change meanwhile. The area must lie inside the picture.
 */
export async function cutPixels(
  pixels: Pixels,
  area: PixelArea,
  size: { readonly width: number; readonly height: number },
): Promise<Pixels> {
  const { width, height } = pixels;
  if (area.left < 0 || area.top < 0 || area.left + area.width > width || area.top + area.height > height) {
    throw new InternalError('PIXEL_AREA_OUTSIDE', 'the part to be cut does not lie inside the picture', {
      details: { area, width, height },
    });
  }
  // The buffer may be a larger one that is used again.
  const data = pixels.data.subarray(0, width * height * 3);
  let picture = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
  if (area.width !== width || area.height !== height) {
    picture = picture.extract(area);
  }
  if (area.width !== size.width || area.height !== size.height) {
    picture = picture.resize(size.width, size.height, { fit: 'fill', kernel: 'linear' });
  }
  return { data: await picture.raw().toBuffer(), width: size.width, height: size.height, channels: 3 };
}
