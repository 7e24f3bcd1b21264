import { decodeBySharp } from './decode-by-sharp.ts';
import type { Pixels } from './pixels.ts';
import type { ResizeTarget } from './resize-target.ts';

/**
 * Decodes to exactly this size, orientation applied, and gives what is wanted of it. A JPEG is shrunk by 2, 4 or 8 while it is
 * decoded, and from there bilinearly with area averaging. Throws RejectedError like `decodePicture`.
 */
export async function decodeResized(bytes: Buffer, { width, height, part }: ResizeTarget): Promise<Pixels> {
  const { isOddlyWritten: _, ...pixels } = await decodeBySharp(bytes, (picture) => {
    const resized = picture.resize(width, height, { fit: 'fill', kernel: 'linear' });
    return part === undefined ? resized : resized.extract({ ...part });
  });
  return pixels;
}
