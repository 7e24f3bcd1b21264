import { InternalError } from '@edgeveil/contracts/errors';
// CommonJS whose exports cannot be told by name before it runs.
import turbo from '@julusian/jpeg-turbo';
import type { Pixels } from './pixels.ts';
import { plainJpeg } from './plain-jpeg.ts';
import { Resampler } from './resampler.ts';
import { isInside, type PixelArea, type ResizeTarget, type Size, wantedPart } from './resize-target.ts';

/**
 * Larger JPEGs are for libvips, which shrinks by 2, 4 or 8 while it decodes and needs less memory for that. Measured to 640 pixels wide,
 * processor time of libjpeg-turbo at full size with {@link Resampler}, and of libvips: 1080p 6.2 and 8.5 ms, 1440p 9.7 and 11.2, 2160p 19 and 16.
 */
const MAX_JPEG_PIXELS = 2560 * 1440;

/** Brings plain JPEGs, and parts of decoded pictures, to a size, on the calling thread and in memory that it keeps for the next one. */
export class PictureResizer {
  readonly #resampler = new Resampler();

  /** Whether a picture is one that `decode` may be given. */
  static takes(bytes: Buffer): boolean {
    return headerOf(bytes) !== undefined;
  }

  /**
   * Pixels as of `decodeResized`; they are valid until the next call. Nothing for a picture that it does not take, and for one with which
   * libjpeg-turbo finds fault, be it damage or an oddity: `decodeResized` can tell those apart.
   */
  decode(bytes: Buffer, target: ResizeTarget): Pixels | undefined {
    const header = headerOf(bytes);
    if (header === undefined) {
      return undefined;
    }
    try {
      turbo.decompressSync(bytes, this.#resampler.source(header), { format: turbo.FORMAT_RGB });
      return this.#resized(header, target);
    } catch {
      // The binding says only "No error" of whatever it is. Without memory for it, too, it is better off with libvips.
      return undefined;
    }
  }

  /** A part of a decoded picture, which must lie inside it. Its pixels are valid until the next call. */
  cut({ data, width, height }: Pixels, area: PixelArea, target: ResizeTarget): Pixels {
    if (!isInside(area, { width, height })) {
      throw new InternalError('PIXEL_AREA_OUTSIDE', 'the part to be cut does not lie inside the picture', {
        details: { area, width, height },
      });
    }
    const source = this.#resampler.source(area);
    const rowBytes = area.width * 3;
    for (let row = 0; row < area.height; row += 1) {
      const from = ((area.top + row) * width + area.left) * 3;
      source.set(data.subarray(from, from + rowBytes), row * rowBytes);
    }
    return this.#resized(area, target);
  }

  #resized(from: Size, target: ResizeTarget): Pixels {
    const { width, height } = wantedPart(target);
    return { data: this.#resampler.resample(from, target), width, height, channels: 3 };
  }
}

/** Nothing of a picture that is not taken. */
function headerOf(bytes: Buffer): Size | undefined {
  const header = plainJpeg(bytes);
  return header !== undefined && header.width * header.height <= MAX_JPEG_PIXELS ? header : undefined;
}
