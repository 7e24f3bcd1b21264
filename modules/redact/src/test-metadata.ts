/** Words that must never be found in a picture that left. */
export const SECRETS = [
  'SECRET-DESCRIPTION',
  'SECRET-DATUM',
  'SECRET-COMMENT',
  'SECRET-PROFILE',
  'SECRET-XMP',
  'SECRET-TAIL',
];

/**
 * A JPEG with everything that cameras and editors add: EXIF with orientation, GPS and a thumbnail's worth of text,
 * XMP, a colour profile, a comment, and bytes after the end of the picture.
 */
export function withMetadata(jpeg: Buffer, orientation = 1): Buffer {
  return Buffer.concat([
    jpeg.subarray(0, 2),
    segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exif(orientation)])),
    segment(
      0xe1,
      Buffer.from('http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/">SECRET-XMP</x:xmpmeta>', 'latin1'),
    ),
    segment(0xe2, Buffer.from('ICC_PROFILE\0\x01\x01sRGB SECRET-PROFILE', 'latin1')),
    segment(0xfe, Buffer.from('SECRET-COMMENT', 'latin1')),
    jpeg.subarray(2),
    Buffer.from('SECRET-TAIL', 'latin1'),
  ]);
}

function segment(marker: number, content: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
}

/** TIFF, little-endian: one directory with description, orientation and a pointer to GPS data. */
function exif(orientation: number): Buffer {
  const description = Buffer.from('SECRET-DESCRIPTION\0', 'latin1');
  const datum = Buffer.from('SECRET-DATUM\0', 'latin1');
  const header = Buffer.from([0x49, 0x49, 0x2a, 0, 8, 0, 0, 0]);
  const gpsAt = 8 + 2 + 3 * 12 + 4;
  const textAt = gpsAt + 2 + 2 * 12 + 4;
  const main = directory([
    entry(0x010e, 2, description.length, textAt),
    entry(0x0112, 3, 1, orientation),
    entry(0x8825, 4, 1, gpsAt),
  ]);
  const gps = directory([
    entry(0x0001, 2, 2, 'N'.charCodeAt(0)),
    entry(0x0012, 2, datum.length, textAt + description.length),
  ]);
  return Buffer.concat([header, main, gps, description, datum]);
}

function directory(entries: readonly Buffer[]): Buffer {
  const count = Buffer.alloc(2);
  count.writeUInt16LE(entries.length);
  return Buffer.concat([count, ...entries, Buffer.alloc(4)]);
}

function entry(tag: number, type: number, count: number, value: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16LE(tag, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.writeUInt32LE(count, 4);
  bytes.writeUInt32LE(value, 8);
  return bytes;
}

/** Markers of a JPEG up to the first scan, as numbers: 0xe0 is APP0. */
export function markersOf(jpeg: Buffer): number[] {
  const markers: number[] = [];
  let at = 2;
  while (at + 4 <= jpeg.length && jpeg[at] === 0xff) {
    const marker = jpeg[at + 1] ?? 0;
    markers.push(marker);
    if (marker === 0xda) break;
    at += 2 + jpeg.readUInt16BE(at + 2);
  }
  return markers;
}
