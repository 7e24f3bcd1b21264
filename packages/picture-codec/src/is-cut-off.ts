import type { PictureFormat } from '@edgeveil/contracts';

const JPEG_END = Buffer.from([0xff, 0xd9]);

/**
 * Whether a picture that a decoder refused lacks its end, as one does whose copy was broken off. Only a look at the
 * container: true tells the operator where to search, false proves nothing.
 */
export function isCutOff(bytes: Buffer, format: PictureFormat): boolean {
  switch (format) {
    case 'jpeg':
      return !bytes.includes(JPEG_END);
    case 'png':
      return !bytes.includes('IEND', 0, 'latin1');
    case 'webp':
      return bytes.readUInt32LE(4) + 8 > bytes.length;
  }
}
