import assert from 'node:assert/strict';
import { decodeResized } from './decode-resized.ts';
import { encodeJpeg } from './encode-picture.ts';
import { JpegResizer } from './jpeg-resizer.ts';
import { layoutOf, noise, pipelineOf, quadrants } from './testing/test-pictures.ts';

const UPRIGHT = ['red', 'green', 'blue', 'white'];

describe('JpegResizer', () => {
  const resizer = new JpegResizer();

  it('brings pictures of all sizes to a size, one after the other', async () => {
    for (const [width, height] of [
      [1280, 720],
      [64, 32],
      [1920, 1080],
      [333, 777],
      [9, 9],
    ] as const) {
      const bytes = await encodeJpeg(quadrants(width, height), { quality: 90 });
      for (const size of [
        { width: 416, height: 234 },
        { width: 100, height: 300 },
        { width, height },
      ]) {
        const pixels = resizer.decode(bytes, size);
        assert.ok(pixels);
        assert.deepEqual(
          [pixels.width, pixels.height, pixels.data.length],
          [size.width, size.height, size.width * size.height * 3],
        );
        assert.deepEqual(layoutOf(pixels), UPRIGHT);
      }
    }
  });

  it('gives what libvips gives, but for rounding', async () => {
    const smooth = await pipelineOf(noise(32, 18))
      .resize(1280, 720, { kernel: 'cubic' })
      .jpeg({ quality: 95 })
      .toBuffer();
    for (const size of [
      { width: 640, height: 360 },
      { width: 416, height: 234 },
      { width: 224, height: 126 },
    ]) {
      const expected = await decodeResized(smooth, size);
      const found = resizer.decode(smooth, size);
      const error =
        expected.data.reduce((sum, value, index) => sum + Math.abs(value - (found?.data[index] ?? 0)), 0) /
        expected.data.length;
      assert.ok(error < 2, `${size.width}: ${error}`);
    }
  });

  it('takes grey pictures', async () => {
    const bytes = await pipelineOf(quadrants(64, 32)).greyscale().jpeg().toBuffer();
    const data = resizer.decode(bytes, { width: 32, height: 16 })?.data;
    assert.ok(data?.every((value, index) => value === data[index - (index % 3)]));
  });

  it('leaves to libvips what is large, no plain JPEG, damaged or odd', async () => {
    const whole = await encodeJpeg(noise(96, 64), { quality: 80 });
    const damaged = Buffer.from(whole);
    damaged.fill(0x5a, whole.length / 2, whole.length / 2 + 200);
    const others = {
      large: await encodeJpeg(quadrants(2600, 1500), { quality: 50 }),
      turned: await pipelineOf(quadrants(64, 32)).jpeg().withMetadata({ orientation: 6 }).toBuffer(),
      PNG: await pipelineOf(quadrants(64, 32)).png().toBuffer(),
      damaged,
      'cut off': whole.subarray(0, whole.length / 2),
      empty: Buffer.alloc(0),
    };
    for (const [name, bytes] of Object.entries(others)) {
      assert.equal(resizer.decode(bytes, { width: 32, height: 16 }), undefined, name);
    }
    assert.equal(JpegResizer.takes(others.large), false);
    assert.equal(JpegResizer.takes(whole), true);
    assert.ok(resizer.decode(whole, { width: 32, height: 16 }), 'goes on after a damaged one');
  });
});
