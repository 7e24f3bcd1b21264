import { InternalError, RejectedError } from '@edgeveil/contracts';
// CommonJS whose exports cannot be told by name before it runs.
import turbo from '@julusian/jpeg-turbo';
import type { Sharp } from 'sharp';
import { pictureRejected } from './picture-rejected.ts';
import type { Pixels } from './pixels.ts';
import { type PictureProbe, probePicture } from './probe-picture.ts';
import { MAX_DECODED_PIXELS, sharp } from './sharp-engine.ts';

export interface DecodeOptions {
  /**
   * Memory to decode into, if it is large enough. The pixels of the answer then lie in it, so it may be used again only
   * when they are done with. Worth it: page faults of fresh memory cost four times as much as decoding a 1080p JPEG.
   */
  readonly buffer?: Buffer;
}

/**
 * Decodes at full size, orientation applied, alpha laid on black, first frame of an animation.
 * Throws RejectedError: those of `probePicture`, PICTURE_TRUNCATED, PICTURE_CORRUPT, PICTURE_TOO_LARGE. A damaged picture
 * is never filled up with grey.
 */
export async function decodePicture(bytes: Buffer, probe?: PictureProbe, options: DecodeOptions = {}): Promise<Pixels> {
  const header = probe ?? (await probePicture(bytes));
  if (header.storedWidth * header.storedHeight > MAX_DECODED_PIXELS) {
    throw new RejectedError('PICTURE_TOO_LARGE', 'the picture has more pixels than may be decoded', {
      details: { width: header.width, height: header.height },
    });
  }
  return isForTurbo(header) ? decodeTurbo(bytes, header, options) : decodeSharp(bytes, openPicture(bytes));
}

/** libjpeg-turbo has no bound on the scans of a progressive picture, of which a few MB can hold minutes of work; libvips has. */
function isForTurbo(header: PictureProbe): boolean {
  return header.format === 'jpeg' && header.orientation === 1 && !header.isProgressive && !header.needsColourConversion;
}

async function decodeTurbo(bytes: Buffer, header: PictureProbe, options: DecodeOptions): Promise<Pixels> {
  const length = header.width * header.height * 3;
  const buffer = options.buffer !== undefined && options.buffer.length >= length ? options.buffer : undefined;
  try {
    const decoded = await turbo.decompress(bytes, buffer ?? Buffer.allocUnsafeSlow(length), {
      format: turbo.FORMAT_RGB,
    });
    return { data: decoded.data, width: decoded.width, height: decoded.height, channels: 3 };
  } catch (cause) {
    // The binding fails on every warning of libjpeg-turbo, a cut-off file among them, but says only "No error".
    await decodeSharp(bytes, openPicture(bytes));
    throw new RejectedError('PICTURE_CORRUPT', 'the picture is damaged', { cause });
  }
}

/** A pipeline from the picture's bytes, orientation applied, that refuses damage. */
export function openPicture(bytes: Buffer): Sharp {
  return sharp(bytes, {
    failOn: 'warning',
    limitInputPixels: MAX_DECODED_PIXELS,
    sequentialRead: true,
    autoOrient: true,
  });
}

/** Runs a pipeline that begins at `bytes` to pixels. Throws RejectedError. */
export async function decodeSharp(bytes: Buffer, pipeline: Sharp): Promise<Pixels> {
  try {
    const { data, info } = await pipeline
      .flatten({ background: '#000000' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) {
      throw new InternalError('PICTURE_CHANNELS', `decoded to ${info.channels} channels instead of 3`);
    }
    return { data, width: info.width, height: info.height, channels: 3 };
  } catch (cause) {
    throw cause instanceof InternalError ? cause : pictureRejected(bytes, cause);
  }
}
