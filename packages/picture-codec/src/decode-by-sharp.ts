import { InternalError } from '@edgeveil/contracts';
import type { Sharp } from 'sharp';
import { pictureRejected } from './picture-rejected.ts';
import type { Pixels } from './pixels.ts';
import { plainJpeg } from './plain-jpeg.ts';
import { MAX_DECODED_PIXELS, sharp } from './sharp-engine.ts';

export interface SharpPixels extends Pixels {
  /** The file breaks the letter of its format as some cameras do, with nothing lost. */
  readonly isOddlyWritten: boolean;
}

/** What libjpeg says of files by cameras that write junk between segments or wrong scan parameters: all pixels are there. */
const ODD_BUT_WHOLE = /^VipsJpeg: (?:Corrupt JPEG data: \d+ extraneous bytes before marker|Invalid SOS parameters)/;

/**
 * Decodes any format through libvips, orientation applied; `shape` may resize on the way. Refuses whatever libvips finds
 * fault with, but for what is odd and whole. Throws RejectedError PICTURE_TRUNCATED, PICTURE_CORRUPT, PICTURE_TOO_LARGE.
 */
export async function decodeBySharp(
  bytes: Buffer,
  shape: (picture: Sharp) => Sharp = (picture) => picture,
): Promise<SharpPixels> {
  try {
    return { ...(await run(shape(openPicture(bytes, 'warning')))), isOddlyWritten: false };
  } catch (cause) {
    if (!(cause instanceof Error && cause.message.split('\n').every((line) => ODD_BUT_WHOLE.test(line)))) {
      throw cause instanceof InternalError ? cause : pictureRejected(bytes, cause);
    }
  }
  try {
    return { ...(await run(shape(openPicture(bytes, 'error')))), isOddlyWritten: true };
  } catch (cause) {
    throw cause instanceof InternalError ? cause : pictureRejected(bytes, cause);
  }
}

/**
 * The profile of a plain JPEG, which calls itself sRGB, is left alone as libjpeg-turbo leaves it alone. A damaged one may say that all is
 * black: whoever looks for what must be hidden has to see the very picture that leaves.
 */
function openPicture(bytes: Buffer, failOn: 'warning' | 'error'): Sharp {
  const ignoreIcc = plainJpeg(bytes) !== undefined;
  return sharp(bytes, {
    failOn,
    limitInputPixels: MAX_DECODED_PIXELS,
    sequentialRead: true,
    autoOrient: true,
    ignoreIcc,
  });
}

async function run(picture: Sharp): Promise<Pixels> {
  const { data, info } = await picture
    .flatten({ background: '#000000' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) {
    throw new InternalError('PICTURE_CHANNELS', `decoded to ${info.channels} channels instead of 3`);
  }
  return { data, width: info.width, height: info.height, channels: 3 };
}
