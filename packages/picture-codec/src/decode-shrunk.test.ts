import assert from 'node:assert/strict';
import { decodeShrunk } from './decode-shrunk.ts';
import { encodeJpeg } from './encode-picture.ts';
import { layoutOf, noise, pipelineOf, quadrants } from './testing/test-pictures.ts';

const UPRIGHT = ['red', 'green', 'blue', 'white'];

describe('decodeShrunk', () => {
  it('fits a wide picture by its width and says the scale', async () => {
    const bytes = await encodeJpeg(quadrants(1280, 720), { quality: 80 });
    const pixels = await decodeShrunk(bytes, { maxWidth: 416, maxHeight: 416 });
    assert.deepEqual([pixels.width, pixels.height, pixels.data.length], [416, 234, 416 * 234 * 3]);
    assert.equal(pixels.scaleX, 416 / 1280);
    assert.equal(pixels.scaleY, 234 / 720);
    assert.deepEqual(layoutOf(pixels), UPRIGHT);
  });

  it('fits a turned picture by its displayed height', async () => {
    const bytes = await pipelineOf(quadrants(1280, 720)).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const pixels = await decodeShrunk(bytes, { maxWidth: 416, maxHeight: 416 });
    assert.deepEqual([pixels.width, pixels.height], [234, 416]);
    assert.deepEqual(layoutOf(pixels), ['blue', 'red', 'white', 'green']);
  });

  it('enlarges a picture that is smaller', async () => {
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const bytes = await pipelineOf(quadrants(64, 32)).toFormat(format).toBuffer();
      const pixels = await decodeShrunk(bytes, { maxWidth: 128, maxHeight: 128 });
      assert.deepEqual([pixels.width, pixels.height, pixels.scaleX], [128, 64, 2]);
      assert.deepEqual(layoutOf(pixels), UPRIGHT);
    }
  });

  it('keeps at least one pixel of a very flat picture', async () => {
    const bytes = await pipelineOf(quadrants(2000, 2)).png().toBuffer();
    const pixels = await decodeShrunk(bytes, { maxWidth: 100, maxHeight: 100 });
    assert.deepEqual([pixels.width, pixels.height], [100, 1]);
  });

  it('decodes grey, CMYK and transparent pictures to RGB', async () => {
    const picture = quadrants(64, 32);
    const forms = [
      await pipelineOf(picture).greyscale().jpeg().toBuffer(),
      await pipelineOf(picture).toColourspace('cmyk').jpeg().toBuffer(),
      await pipelineOf(picture).ensureAlpha(0.5).png().toBuffer(),
      await pipelineOf(picture).greyscale().toColourspace('grey16').png().toBuffer(),
    ];
    for (const bytes of forms) {
      const pixels = await decodeShrunk(bytes, { maxWidth: 32, maxHeight: 32 });
      assert.equal(pixels.data.length, 32 * 16 * 3);
    }
  });

  it('refuses a picture that was cut off', async () => {
    const source = noise(200, 100);
    for (const bytes of [await encodeJpeg(source, { quality: 80 }), await pipelineOf(source).png().toBuffer()]) {
      await assert.rejects(decodeShrunk(bytes.subarray(0, bytes.length / 2), { maxWidth: 32, maxHeight: 32 }), {
        name: 'RejectedError',
        code: 'PICTURE_TRUNCATED',
      });
    }
  });
});
