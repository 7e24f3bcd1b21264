import { RejectedError } from '@edgeveil/contracts';
// CommonJS whose exports cannot be told by name before it runs.
import turbo from '@julusian/jpeg-turbo';
import { decodeBySharp } from './decode-by-sharp.ts';
import type { Pixels } from './pixels.ts';
import { type PlainJpeg, plainJpeg } from './plain-jpeg.ts';
import { requireFormat } from './probe-picture.ts';
import { MAX_DECODED_PIXELS } from './sharp-engine.ts';

export interface DecodeOptions {
  /**
   * Memory to decode into, if it is large enough. The pixels of the answer then lie in it, so it may be used again only
   * when they are done with. Worth it: page faults of fresh memory cost four times as much as decoding a 1080p JPEG.
   */
  readonly buffer?: Buffer;
}

/**
 * Decodes at full size, orientation applied, alpha laid on black, first frame of an animation.
 * Throws RejectedError: PICTURE_EMPTY, PICTURE_FORMAT_UNSUPPORTED, PICTURE_TRUNCATED, PICTURE_CORRUPT, PICTURE_TOO_LARGE. A damaged picture
 * is never filled up with grey.
 */
export async function decodePicture(bytes: Buffer, options: DecodeOptions = {}): Promise<Pixels> {
  const header = plainJpeg(bytes);
  if (header !== undefined) {
    return decodeTurbo(bytes, header, options);
  }
  requireFormat(bytes);
  return decodeBySharp(bytes);
}

async function decodeTurbo(bytes: Buffer, { width, height }: PlainJpeg, options: DecodeOptions): Promise<Pixels> {
  if (width * height > MAX_DECODED_PIXELS) {
    throw new RejectedError('PICTURE_TOO_LARGE', 'the picture has more pixels than may be decoded', {
      details: { width, height },
    });
  }
  const length = width * height * 3;
  const buffer = options.buffer !== undefined && options.buffer.length >= length ? options.buffer : undefined;
  try {
    const decoded = await turbo.decompress(bytes, buffer ?? Buffer.allocUnsafeSlow(length), {
      format: turbo.FORMAT_RGB,
    });
    return { data: decoded.data, width: decoded.width, height: decoded.height, channels: 3 };
  } catch (cause) {
    // The binding fails on every warning of libjpeg-turbo, a cut-off file among them, but says only "No error".
    const { isOddlyWritten, ...pixels } = await decodeBySharp(bytes);
    if (isOddlyWritten) {
      return pixels;
    }
    // libvips does not see all damage that libjpeg-turbo sees.
    throw new RejectedError('PICTURE_CORRUPT', 'the picture is damaged', { cause });
  }
}
