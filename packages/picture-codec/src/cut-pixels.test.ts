import assert from 'node:assert/strict';
import { cutPixels } from './cut-pixels.ts';
import { decodePicture } from './decode-picture.ts';
import { decodeShrunk } from './decode-shrunk.ts';
import { encodeJpeg } from './encode-picture.ts';
import { layoutOf, noise, quadrants } from './testing/test-pictures.ts';

describe('cutPixels', () => {
  it('copies a part as it is', async () => {
    const pixels = quadrants(64, 32);
    const { data, width, height } = await cutPixels(
      pixels,
      { left: 24, top: 4, width: 16, height: 8 },
      { width: 16, height: 8 },
    );
    assert.deepEqual([width, height, data.length], [16, 8, 16 * 8 * 3]);
    for (let row = 0; row < 8; row += 1) {
      const start = ((row + 4) * 64 + 24) * 3;
      assert.deepEqual(data.subarray(row * 48, row * 48 + 48), pixels.data.subarray(start, start + 48));
    }
  });

  it('shrinks and enlarges a part', async () => {
    const pixels = quadrants(200, 100);
    for (const size of [
      { width: 40, height: 40 },
      { width: 400, height: 200 },
    ]) {
      const cut = await cutPixels(pixels, { left: 50, top: 25, width: 100, height: 50 }, size);
      assert.deepEqual([cut.width, cut.height], [size.width, size.height]);
      assert.deepEqual(layoutOf(cut), ['red', 'green', 'blue', 'white']);
    }
  });

  it('shrinks a whole picture as decoding does', async () => {
    const bytes = await encodeJpeg(noise(640, 480), { quality: 90 });
    const cut = await cutPixels(
      await decodePicture(bytes),
      { left: 0, top: 0, width: 640, height: 480 },
      { width: 160, height: 120 },
    );
    const shrunk = await decodeShrunk(bytes, { maxWidth: 160, maxHeight: 120 });
    const difference = cut.data.reduce((sum, value, index) => sum + Math.abs(value - (shrunk.data[index] ?? 0)), 0);
    assert.ok(difference / cut.data.length < 6, `${difference / cut.data.length}`);
  });

  it('reads the beginning of a larger buffer', async () => {
    const { data } = quadrants(64, 32);
    const pixels = { data: Buffer.concat([data, Buffer.alloc(1000, 7)]), width: 64, height: 32, channels: 3 } as const;
    const cut = await cutPixels(pixels, { left: 0, top: 0, width: 64, height: 32 }, { width: 32, height: 32 });
    assert.deepEqual(layoutOf(cut), ['red', 'green', 'blue', 'white']);
  });

  it('refuses a part that reaches beyond the picture', async () => {
    const size = { width: 8, height: 8 };
    await assert.rejects(cutPixels(quadrants(64, 32), { left: 60, top: 0, width: 8, height: 8 }, size), {
      code: 'PIXEL_AREA_OUTSIDE',
    });
  });
});
