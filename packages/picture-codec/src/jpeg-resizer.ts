// CommonJS whose exports cannot be told by name before it runs.
import turbo from '@julusian/jpeg-turbo';
import type { Pixels } from './pixels.ts';
import { plainJpeg } from './plain-jpeg.ts';
import { Resampler } from './resampler.ts';

/**
 * Larger ones are for libvips, which shrinks a JPEG by 2, 4 or 8 while it decodes and needs less memory for that. Measured to 640 pixels wide,
 * processor time of libjpeg-turbo at full size with {@link Resampler}, and of libvips: 1080p 6.0 and 8.5 ms, 1440p 10.1 and 11.2, 2160p 19 and 16.
 */
const MAX_PIXELS = 2560 * 1440;

/** Decodes plain JPEGs and brings them to a size, on the calling thread and in memory that it keeps for the next one. */
export class JpegResizer {
  readonly #resampler = new Resampler();

  /** Whether a picture is one that `decode` may be given. */
  static takes(bytes: Buffer): boolean {
    const header = plainJpeg(bytes);
    return header !== undefined && header.width * header.height <= MAX_PIXELS;
  }

  /**
   * Pixels as of `decodeResized`; they are valid until the next call. Nothing for a picture that it does not take, and for one with which
   * libjpeg-turbo finds fault, be it damage or an oddity: `decodeResized` can tell those apart.
   */
  decode(bytes: Buffer, { width, height }: { readonly width: number; readonly height: number }): Pixels | undefined {
    const header = plainJpeg(bytes);
    if (header === undefined || header.width * header.height > MAX_PIXELS) {
      return undefined;
    }
    try {
      // Without memory for it, too, it is better off with libvips.
      turbo.decompressSync(bytes, this.#resampler.source(header), { format: turbo.FORMAT_RGB });
    } catch {
      // The binding says only "No error" of whatever it is.
      return undefined;
    }
    return { data: this.#resampler.resample(header, { width, height }), width, height, channels: 3 };
  }
}
