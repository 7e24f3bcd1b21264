import { decodeBySharp } from './decode-by-sharp.ts';
import type { Pixels } from './pixels.ts';

/**
 * Decodes to exactly this size, orientation applied, the ratio of its sides kept or not. A JPEG is shrunk by 2, 4 or 8 while it is
 * decoded, and from there bilinearly with area averaging. Throws RejectedError like `decodePicture`.
 */
export async function decodeResized(
  bytes: Buffer,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<Pixels> {
  const { data } = await decodeBySharp(bytes, (picture) =>
    picture.resize(width, height, { fit: 'fill', kernel: 'linear' }),
  );
  return { data, width, height, channels: 3 };
}
