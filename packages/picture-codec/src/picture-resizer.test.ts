import assert from 'node:assert/strict';
import { decodePicture } from './decode-picture.ts';
import { decodeResized } from './decode-resized.ts';
import { encodeJpeg } from './encode-picture.ts';
import { PictureResizer } from './picture-resizer.ts';
import { layoutOf, noise, pipelineOf, quadrants } from './testing/test-pictures.ts';

const UPRIGHT = ['red', 'green', 'blue', 'white'];

describe('PictureResizer', () => {
  const resizer = new PictureResizer();

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
    assert.equal(PictureResizer.takes(others.large), false);
    assert.equal(PictureResizer.takes(whole), true);
    assert.ok(resizer.decode(whole, { width: 32, height: 16 }), 'goes on after a damaged one');
  });

  it('copies a part as it is', () => {
    const pixels = quadrants(64, 32);
    const cut = resizer.cut(pixels, { left: 24, top: 4, width: 16, height: 8 }, { width: 16, height: 8 });
    assert.deepEqual([cut.width, cut.height, cut.data.length], [16, 8, 16 * 8 * 3]);
    for (let row = 0; row < 8; row += 1) {
      const start = ((row + 4) * 64 + 24) * 3;
      assert.deepEqual(cut.data.subarray(row * 48, row * 48 + 48), pixels.data.subarray(start, start + 48));
    }
  });

  it('shrinks and enlarges a part', () => {
    const pixels = quadrants(200, 100);
    for (const size of [
      { width: 40, height: 40 },
      { width: 400, height: 200 },
    ]) {
      const cut = resizer.cut(pixels, { left: 50, top: 25, width: 100, height: 50 }, size);
      assert.deepEqual([cut.width, cut.height], [size.width, size.height]);
      assert.deepEqual(layoutOf(cut), UPRIGHT);
    }
  });

  it('shrinks a whole picture as it does while decoding', async () => {
    const bytes = await encodeJpeg(noise(640, 480), { quality: 90 });
    const size = { width: 160, height: 120 };
    const decoded = Buffer.from(resizer.decode(bytes, size)?.data ?? '');
    const cut = resizer.cut(await decodePicture(bytes), { left: 0, top: 0, width: 640, height: 480 }, size);
    assert.deepEqual(cut.data, decoded);
  });

  it('reads the beginning of a larger buffer', () => {
    const { data } = quadrants(64, 32);
    const pixels = { data: Buffer.concat([data, Buffer.alloc(1000, 7)]), width: 64, height: 32, channels: 3 } as const;
    const cut = resizer.cut(pixels, { left: 0, top: 0, width: 64, height: 32 }, { width: 32, height: 32 });
    assert.deepEqual(layoutOf(cut), UPRIGHT);
  });

  it('gives a part of the result, as libvips does', async () => {
    const bytes = await encodeJpeg(quadrants(400, 200), { quality: 90 });
    const target = { width: 200, height: 100, part: { left: 90, top: 40, width: 20, height: 20 } };
    for (const pixels of [resizer.decode(bytes, target), await decodeResized(bytes, target)]) {
      assert.ok(pixels);
      assert.deepEqual([pixels.width, pixels.height, pixels.data.length], [20, 20, 1200]);
      assert.deepEqual(layoutOf(pixels), UPRIGHT);
    }
  });

  it('brings a sliver to the middle of a square without making all of it', async () => {
    const bytes = await encodeJpeg(quadrants(65_500, 20), { quality: 90 });
    const target = { width: 733_600, height: 224, part: { left: 366_688, top: 0, width: 224, height: 224 } };
    for (const pixels of [resizer.decode(bytes, target), await decodeResized(bytes, target)]) {
      assert.ok(pixels);
      assert.deepEqual(layoutOf(pixels), UPRIGHT);
    }
  });

  it('refuses a part that is not of whole pixels inside the picture', () => {
    const inside = { left: 10, top: 10, width: 8, height: 8 };
    for (const wrong of [
      { left: 60 },
      { left: -1 },
      { top: 30 },
      { top: 0.5 },
      { left: Number.NaN },
      { width: 0 },
      { height: 7.5 },
    ]) {
      assert.throws(
        () => resizer.cut(quadrants(64, 32), { ...inside, ...wrong }, { width: 8, height: 8 }),
        { code: 'PIXEL_AREA_OUTSIDE' },
        JSON.stringify(wrong),
      );
    }
  });
});
