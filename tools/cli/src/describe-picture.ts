import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Frame } from '@edgeveil/contracts';
import { probePicture } from '@edgeveil/picture-codec';
import type { PictureFile } from './picture-files.ts';

/**
 * A picture of the command line as the frame that redact and its receipt speak of.
 *
 * @throws RejectedError when the bytes are no picture.
 */
export async function describePicture(bytes: Buffer, file: PictureFile): Promise<Frame> {
  const capturedAt = (await stat(file.path)).mtime;
  const { format, width, height } = await probePicture(bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    id: `${Math.floor(capturedAt.getTime()).toString(36).padStart(9, '0')}-${sha256.slice(0, 24)}`,
    source: 'command-line',
    guarantee: 'guaranteed',
    capturedAt: capturedAt.toISOString(),
    format,
    width,
    height,
    bytes: bytes.length,
    sha256,
    name: file.name,
  };
}
