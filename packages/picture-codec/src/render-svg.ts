import { RejectedError } from '@edgeveil/contracts';
import type { Pixels } from './pixels.ts';
import { MAX_DECODED_PIXELS, sharp } from './sharp-engine.ts';

/** Draws an SVG document of our own making at the given size, on white. Throws RejectedError SVG_INVALID. */
export async function renderSvg(
  svg: string,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<Pixels> {
  try {
    const { data } = await sharp(Buffer.from(svg), { limitInputPixels: MAX_DECODED_PIXELS })
      .resize(width, height, { fit: 'fill' })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { data, width, height, channels: 3 };
  } catch (cause) {
    throw new RejectedError('SVG_INVALID', 'the SVG document cannot be drawn', { cause });
  }
}
