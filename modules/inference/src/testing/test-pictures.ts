import { encodeJpeg, encodePng, type Pixels } from '@edgeveil/picture-codec';

export interface Patch {
  readonly colour: readonly [number, number, number];
  readonly box: readonly [number, number, number, number];
}

/** Black pixels with coloured rectangles. */
export function pixelsWith(width: number, height: number, patches: readonly Patch[]): Pixels {
  const data = Buffer.alloc(width * height * 3);
  for (const { colour, box } of patches) {
    const [left, top, boxWidth, boxHeight] = box;
    for (let y = top; y < top + boxHeight; y += 1) {
      for (let x = left; x < left + boxWidth; x += 1) {
        data.set(colour, (y * width + x) * 3);
      }
    }
  }
  return { data, width, height, channels: 3 };
}

/** A PNG, so that colours are exact. */
export function pngWith(width: number, height: number, patches: readonly Patch[]): Promise<Buffer> {
  return encodePng(pixelsWith(width, height, patches));
}

/** A JPEG whose EXIF says how it is to be turned; width and height are those that are stored. */
export async function turnedJpeg(pixels: Pixels, orientation: number): Promise<Buffer> {
  const jpeg = await encodeJpeg(pixels, { quality: 95 });
  // APP1: length, "Exif", a big-endian TIFF header and one directory with the one tag 0x0112.
  const exif = Buffer.from(
    'ffe1002245786966 00004d4d002a00000008 0001 011200030000000100000000 00000000'.replaceAll(' ', ''),
    'hex',
  );
  exif.writeUInt16BE(orientation, exif.length - 8);
  return Buffer.concat([jpeg.subarray(0, 2), exif, jpeg.subarray(2)]);
}
