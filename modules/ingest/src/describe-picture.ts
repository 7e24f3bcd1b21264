import { createHash } from 'node:crypto';
import { type Frame, RejectedError } from '@edgeveil/contracts';
import { probePicture } from '@edgeveil/picture-codec';

export interface PictureLimits {
  readonly maxPictureBytes: number;
  readonly maxPicturePixels: number;
}

/** What the bytes of a picture say about a frame. */
export type PictureFacts = Pick<Frame, 'format' | 'width' | 'height' | 'bytes' | 'sha256'>;

export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Reads the header of a picture and holds it against the limits; nothing is decoded, so that a bomb stays a small file.
 * Throws RejectedError: PICTURE_FILE_TOO_LARGE, PICTURE_TOO_MANY_PIXELS, and those of `probePicture`.
 */
export async function describePicture(bytes: Buffer, limits: PictureLimits): Promise<PictureFacts> {
  requireFileSize(bytes.length, limits);
  const { format, width, height } = await probePicture(bytes);
  if (width * height > limits.maxPicturePixels) {
    throw new RejectedError('PICTURE_TOO_MANY_PIXELS', `${width}x${height} pixels are more than the limit`, {
      details: { width, height, maxPicturePixels: limits.maxPicturePixels },
    });
  }
  return { format, width, height, bytes: bytes.length, sha256: sha256Of(bytes) };
}

/** Throws RejectedError PICTURE_FILE_TOO_LARGE. */
export function requireFileSize(bytes: number, { maxPictureBytes }: PictureLimits): void {
  if (bytes > maxPictureBytes) {
    throw new RejectedError('PICTURE_FILE_TOO_LARGE', `${bytes} bytes are more than the limit`, {
      details: { bytes, maxPictureBytes },
    });
  }
}
