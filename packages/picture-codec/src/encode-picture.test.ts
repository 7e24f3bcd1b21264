import assert from 'node:assert/strict';
import { decodePicture } from './decode-picture.ts';
import { encodeJpeg, encodePng } from './encode-picture.ts';
import { sharp } from './sharp-engine.ts';
import { layoutOf, noise, pipelineOf, quadrants } from './testing/test-pictures.ts';

describe('encodeJpeg', () => {
  it('writes what decodes to the same picture', async () => {
    const picture = quadrants(101, 67);
    const decoded = await decodePicture(await encodeJpeg(picture, { quality: 90 }));
    assert.deepEqual([decoded.width, decoded.height], [101, 67]);
    assert.deepEqual(layoutOf(decoded), layoutOf(picture));
  });

  it('leaves no metadata of the original in the file', async () => {
    const original = await pipelineOf(quadrants(64, 32))
      .withIccProfile('p3')
      .withExif({ IFD0: { Copyright: 'secret owner' }, IFD3: { GPSLatitude: '51/1 30/1 0/1' } })
      .jpeg()
      .toBuffer();
    assert.ok(original.includes('secret owner'));
    const bytes = await encodeJpeg(await decodePicture(original), { quality: 80 });
    const { exif, icc, xmp, iptc, comments } = await sharp(bytes).metadata();
    assert.deepEqual([exif, icc, xmp, iptc, comments], [undefined, undefined, undefined, undefined, undefined]);
    assert.deepEqual(markersOf(bytes), [0xd8, 0xe0, 0xdb, 0xdb, 0xc0, 0xc4, 0xc4, 0xc4, 0xc4, 0xda]);
  });

  it('gives each caller bytes of its own when many encode at a time', async () => {
    const pictures = [noise(64, 64), quadrants(64, 64), noise(32, 32), quadrants(200, 100), quadrants(8, 8)];
    const alone: Buffer[] = [];
    for (const picture of pictures) {
      alone.push(await encodeJpeg(picture, { quality: 80 }));
    }
    const together = await Promise.all(
      Array.from({ length: 40 }, (_, i) => encodeJpeg(pictures[i % pictures.length] ?? noise(1, 1), { quality: 80 })),
    );
    for (const [i, bytes] of together.entries()) {
      assert.ok(bytes.equals(alone[i % alone.length] ?? Buffer.alloc(0)));
    }
  });

  it('is smaller at lower quality', async () => {
    const picture = noise(64, 64);
    const [low, high] = [await encodeJpeg(picture, { quality: 30 }), await encodeJpeg(picture, { quality: 95 })];
    assert.ok(low.length < high.length);
  });

  it('refuses a picture that no JPEG can hold', async () => {
    const picture = { data: Buffer.alloc(70_000 * 3), width: 70_000, height: 1, channels: 3 } as const;
    await assert.rejects(encodeJpeg(picture, { quality: 80 }), { name: 'RejectedError', code: 'PICTURE_TOO_LARGE' });
  });
});

describe('encodePng', () => {
  it('keeps every pixel, also of pixels in a larger buffer', async () => {
    const picture = noise(33, 21);
    const larger = { ...picture, data: Buffer.concat([picture.data, Buffer.alloc(99)]) };
    const decoded = await decodePicture(await encodePng(larger));
    assert.ok(decoded.data.equals(picture.data));
  });
});

/** Marker codes in front of the coded data, in order. */
function markersOf(jpeg: Buffer): number[] {
  const markers = [0xd8];
  for (let at = 2; markers.at(-1) !== 0xda; at += 2 + jpeg.readUInt16BE(at + 2)) {
    markers.push(jpeg[at + 1] ?? 0);
  }
  return markers;
}
