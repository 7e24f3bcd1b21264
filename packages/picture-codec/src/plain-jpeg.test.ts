import assert from 'node:assert/strict';
import { encodeJpeg } from './encode-picture.ts';
import { plainJpeg } from './plain-jpeg.ts';
import { pipelineOf, quadrants } from './testing/test-pictures.ts';

const picture = quadrants(64, 32);
const SIZE = { width: 64, height: 32 };

describe('plainJpeg', () => {
  it('reads the size of colour and grey pictures', async () => {
    const grey = await pipelineOf(picture).greyscale().jpeg().toBuffer();
    const full = await pipelineOf(picture).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer();
    for (const bytes of [await encodeJpeg(picture, { quality: 80 }), grey, full]) {
      assert.deepEqual(plainJpeg(bytes), SIZE);
    }
  });

  it('takes upright pictures alone', async () => {
    for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const bytes = await pipelineOf(picture).jpeg().withMetadata({ orientation }).toBuffer();
      assert.deepEqual(plainJpeg(bytes), orientation === 1 ? SIZE : undefined, `orientation ${orientation}`);
    }
  });

  it('reads the orientation in both byte orders', async () => {
    const bytes = await encodeJpeg(picture, { quality: 80 });
    for (const orientation of [1, 6]) {
      const little = Buffer.from('II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0', 'latin1');
      const big = Buffer.from('MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01', 'latin1');
      for (const tiff of [
        Buffer.concat([little, Buffer.from([orientation, 0, 0, 0])]),
        Buffer.concat([big, Buffer.from([0, orientation, 0, 0])]),
      ]) {
        const marked = withExif(bytes, tiff);
        assert.deepEqual(plainJpeg(marked), orientation === 1 ? SIZE : undefined);
        for (let length = 1; length < tiff.length; length += 1) {
          assert.equal(plainJpeg(withExif(bytes, tiff.subarray(0, length))), undefined, `EXIF cut to ${length}`);
        }
      }
    }
  });

  it('leaves others to libvips', async () => {
    const others = {
      progressive: await pipelineOf(picture).jpeg({ progressive: true }).toBuffer(),
      CMYK: await pipelineOf(picture).toColourspace('cmyk').jpeg().toBuffer(),
      'of another profile': await pipelineOf(picture).withIccProfile('p3').jpeg().toBuffer(),
      PNG: await pipelineOf(picture).png().toBuffer(),
      WebP: await pipelineOf(picture).webp().toBuffer(),
      empty: Buffer.alloc(0),
    };
    for (const [name, bytes] of Object.entries(others)) {
      assert.equal(plainJpeg(bytes), undefined, name);
    }
  });

  it('leaves a picture to libvips whose first scan is not the last', async () => {
    const bytes = await encodeJpeg(picture, { quality: 80 });
    const scan = bytes.indexOf(Buffer.from([0xff, 0xda]));
    const ofOne = Buffer.from([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]);
    assert.deepEqual(plainJpeg(bytes), SIZE);
    assert.equal(plainJpeg(Buffer.concat([bytes.subarray(0, scan), ofOne])), undefined);
  });

  it('takes the sampling of cameras, and leaves what libjpeg-turbo has no name for to libvips', async () => {
    const bytes = await encodeJpeg(picture, { quality: 80 });
    const first = bytes.indexOf(Buffer.from([0xff, 0xc0])) + 11;
    const sampled = (...factors: readonly number[]): Buffer => {
      const other = Buffer.from(bytes);
      for (const [index, each] of factors.entries()) other[first + index * 3] = each;
      return other;
    };
    for (const luma of [0x11, 0x12, 0x21, 0x22, 0x41]) {
      assert.deepEqual(plainJpeg(sampled(luma, 0x11, 0x11)), SIZE, `${luma}`);
    }
    for (const factors of [
      [0x42, 0x11, 0x11],
      [0x14, 0x11, 0x11],
      [0x22, 0x21, 0x12],
      [0x11, 0x22, 0x22],
      [0, 0x11, 0x11],
    ]) {
      assert.equal(plainJpeg(sampled(...factors)), undefined, `${factors}`);
    }
  });

  it('takes a picture that says it is sRGB', async () => {
    assert.deepEqual(plainJpeg(await pipelineOf(picture).withIccProfile('srgb').jpeg().toBuffer()), SIZE);
  });

  it('answers nothing for a header that is cut off anywhere, or has a byte that is wrong', async () => {
    const bytes = await pipelineOf(picture).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const scan = bytes.indexOf(Buffer.from([0xff, 0xda]));
    for (let length = 0; length < scan + 2; length += 1) {
      assert.equal(plainJpeg(bytes.subarray(0, length)), undefined, `cut to ${length}`);
    }
    for (let at = 0; at < scan; at += 1) {
      for (const value of [0x00, 0x5a, 0xff]) {
        const damaged = Buffer.from(bytes);
        damaged[at] = value;
        assert.doesNotThrow(() => plainJpeg(damaged));
      }
    }
  });
});

function withExif(jpeg: Buffer, tiff: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, content, jpeg.subarray(2)]);
}
