import { type PictureFormat, RejectedError } from '@edgeveil/contracts';
import type { Metadata } from 'sharp';
import { isCutOff } from './is-cut-off.ts';
import { sharp } from './sharp-engine.ts';
import { sniffFormat } from './sniff-format.ts';

/** What a picture's header says. Nothing in it has been decoded, and the pixels may turn out to be damaged. */
export interface PictureProbe {
  readonly format: PictureFormat;
  /** Size as displayed: orientation applied. */
  readonly width: number;
  readonly height: number;
  /** EXIF orientation 1 to 8; 1 where there is none, or nonsense. */
  readonly orientation: number;
}

/**
 * Reads the header only, so that a caller can check limits before it lets a decoder loose on the picture.
 * Throws RejectedError: PICTURE_EMPTY, PICTURE_FORMAT_UNSUPPORTED, PICTURE_UNREADABLE, PICTURE_TRUNCATED
 * (only where even the header is not all there: a whole header says nothing of the rest).
 */
export async function probePicture(bytes: Buffer): Promise<PictureProbe> {
  const format = requireFormat(bytes);
  const header = await readHeader(bytes, format);
  const orientation = header.orientation !== undefined && header.orientation <= 8 ? Math.max(header.orientation, 1) : 1;
  const isTurned = orientation >= 5;
  return {
    format,
    width: isTurned ? header.height : header.width,
    height: isTurned ? header.width : header.height,
    orientation,
  };
}

/** Throws RejectedError PICTURE_EMPTY or PICTURE_FORMAT_UNSUPPORTED. */
export function requireFormat(bytes: Buffer): PictureFormat {
  if (bytes.length === 0) {
    throw new RejectedError('PICTURE_EMPTY', 'the picture has no bytes');
  }
  const format = sniffFormat(bytes);
  if (format === undefined) {
    const found = bytes.subarray(0, 12).toString('hex');
    throw new RejectedError('PICTURE_FORMAT_UNSUPPORTED', 'neither JPEG nor PNG nor WebP', { details: { found } });
  }
  return format;
}

async function readHeader(bytes: Buffer, format: PictureFormat): Promise<Metadata> {
  try {
    return await sharp(bytes, { limitInputPixels: false, failOn: 'none' }).metadata();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.slice(0, 300) : String(cause);
    if (isCutOff(bytes, format)) {
      throw new RejectedError('PICTURE_TRUNCATED', `the ${format} picture is cut off`, { cause, details: { reason } });
    }
    throw new RejectedError('PICTURE_UNREADABLE', `the header of the ${format} picture cannot be read`, {
      cause,
      details: { reason },
    });
  }
}
