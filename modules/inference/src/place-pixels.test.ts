import assert from 'node:assert/strict';
import { PictureResizer } from '@edgeveil/picture-codec';
import { fillTensor, planLetterbox, type ResizeRule } from '@edgeveil/vision';
import { placedBytes, placePixels, resizeTarget } from './place-pixels.ts';

const RULES: readonly (ResizeRule & { readonly what: string })[] = [
  { what: 'in the middle', width: 12, height: 8, resize: 'letterbox', anchor: 'centre' },
  { what: 'in the corner', width: 8, height: 12, resize: 'letterbox', anchor: 'top-left' },
  { what: 'stretched', width: 7, height: 5, resize: 'stretch', anchor: 'centre' },
  { what: 'cropped', width: 6, height: 8, resize: 'crop', anchor: 'centre' },
];

describe('placePixels', () => {
  for (const { what, ...rule } of RULES) {
    for (const original of [
      { width: 40, height: 10 },
      { width: 10, height: 40 },
    ]) {
      it(`writes what fillTensor writes, into memory with anything in it: ${what}, ${original.width} wide`, () => {
        const plan = planLetterbox(original, rule);
        const { width, height } = plan.content;
        const data = Buffer.from(Array.from({ length: width * height * 3 }, (_, index) => (index * 31) % 251));
        const expected = new Uint8Array(placedBytes(plan.input));
        const format = {
          layout: 'nhwc',
          channels: 'rgb',
          scale: 1,
          mean: [0, 0, 0],
          std: [1, 1, 1],
          pad: 114,
        } as const;
        fillTensor(expected, { data, width, height }, plan, format);
        const found = new Uint8Array(placedBytes(plan.input)).fill(255);
        const part = resizeTarget(plan).part ?? assert.fail();
        const visible = new PictureResizer().cut({ data, width, height, channels: 3 }, part, part);
        placePixels(found, visible, plan, 114);
        assert.deepEqual(found, expected);
      });
    }
  }

  it('refuses pixels of another size', () => {
    const plan = planLetterbox(
      { width: 40, height: 10 },
      { width: 8, height: 8, resize: 'letterbox', anchor: 'centre' },
    );
    const pixels = { data: Buffer.alloc(300), width: 10, height: 10, channels: 3 } as const;
    assert.throws(() => placePixels(new Uint8Array(192), pixels, plan, 0), { code: 'PIXELS_SIZE_WRONG' });
  });
});
