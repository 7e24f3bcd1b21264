import assert from 'node:assert/strict';
import { encodeJpeg, encodePng, type Pixels } from '@edgeveil/picture-codec';
import { planLetterbox } from '@edgeveil/vision';
import { PixelMemory } from '../pixel-memory.ts';
import { placedBytes } from '../place-pixels.ts';
import { PicturePlacer } from './picture-placer.ts';

const INPUT = { width: 64, height: 64, resize: 'letterbox', anchor: 'top-left' } as const;
const PAD = 114;
const BYTES = placedBytes(INPUT);

/** A picture of one colour. */
function plain(width: number, height: number, colour: number): Pixels {
  return { data: Buffer.alloc(width * height * 3, colour), width, height, channels: 3 };
}

describe('PicturePlacer', () => {
  const placer = new PicturePlacer(2);

  async function place(bytes: Buffer, picture: Pixels, isConsumed = false): Promise<Uint8Array> {
    const plan = planLetterbox(picture, INPUT);
    return new Uint8Array(
      await placer.place(bytes, { plan, pad: PAD, blocks: new PixelMemory(BYTES, 0) }, { isConsumed }),
    );
  }

  function assertPlaced(placed: Uint8Array, colour: number, contentRows: number): void {
    const content = placed.subarray(0, 64 * 3 * contentRows);
    assert.ok(
      content.every((value) => Math.abs(value - colour) <= 2),
      `expected ${colour}, found ${content[0]}`,
    );
    assert.ok(placed.subarray(64 * 3 * contentRows).every((value) => value === PAD));
  }

  it('places JPEGs and other pictures, each with its padding, many at once', async () => {
    const colours = Array.from({ length: 30 }, (_, index) => index * 8);
    const placed = await Promise.all(
      colours.map(async (colour, index) => {
        const picture = plain(200 + index, 100 + (index >> 1), colour);
        const bytes = index % 3 === 0 ? await encodePng(picture) : await encodeJpeg(picture, { quality: 95 });
        return place(bytes, picture);
      }),
    );
    for (const [index, colour] of colours.entries()) {
      assertPlaced(placed[index] ?? new Uint8Array(), colour, 32);
    }
  });

  it('leaves the bytes as they are, unless they are consumed', async () => {
    const picture = plain(1000, 500, 50);
    picture.data.fill(Buffer.from([1, 90, 170, 250, 30]), 0, picture.data.length >> 1);
    for (const bytes of [await encodeJpeg(picture, { quality: 95 }), await encodePng(picture)]) {
      const copy = Buffer.from(bytes);
      await place(bytes, picture);
      assert.deepEqual(bytes, copy);
    }
    const consumed = Buffer.from(Uint8Array.from(await encodeJpeg(picture, { quality: 95 })).buffer);
    await place(consumed, picture, true);
    assert.equal(consumed.byteLength, 0);
  });

  it('refuses a damaged JPEG by what is wrong with it, and goes on', async () => {
    const picture = plain(300, 150, 50);
    const noisy = { ...picture, data: Buffer.from(picture.data.map((_, index) => (index * 7919) >> 3)) };
    const bytes = await encodeJpeg(noisy, { quality: 80 });
    const overwritten = Buffer.from(bytes);
    overwritten.fill(0x5a, bytes.length >> 1, (bytes.length >> 1) + 200);
    for (const isConsumed of [false, true]) {
      const cut = Buffer.from(bytes.subarray(0, bytes.length >> 1));
      await assert.rejects(place(cut, picture, isConsumed), { name: 'RejectedError', code: 'PICTURE_TRUNCATED' });
      await assert.rejects(place(Buffer.from(overwritten), picture, isConsumed), {
        name: 'RejectedError',
        code: 'PICTURE_CORRUPT',
      });
    }
    assertPlaced(await place(await encodeJpeg(picture, { quality: 95 }), picture), 50, 32);
  });

  it('takes a JPEG that is oddly written with nothing lost', async () => {
    const picture = plain(300, 150, 50);
    const bytes = await encodeJpeg(picture, { quality: 95 });
    bytes[bytes.indexOf(Buffer.from([0xff, 0xda])) + 12] = 0;
    assertPlaced(await place(bytes, picture), 50, 32);
  });

  it('cuts a part out of a decoded picture', async () => {
    const pixels = { memory: new SharedArrayBuffer(40 * 30 * 3), width: 40, height: 30 };
    new Uint8Array(pixels.memory).fill(10).fill(200, 15 * 40 * 3);
    const plan = planLetterbox({ width: 40, height: 15 }, INPUT);
    const target = { plan, pad: PAD, blocks: new PixelMemory(BYTES, 0) };
    for (const [top, colour] of [
      [0, 10],
      [15, 200],
    ] as const) {
      const part = { pixels, area: { left: 0, top, width: 40, height: 15 } };
      assertPlaced(new Uint8Array(await placer.placePart(part, target)), colour, 24);
    }
  });

  it('says that a thread died of a picture, gives the memory back, and goes on with another thread', async () => {
    const blocks = new PixelMemory(BYTES, 1);
    const block = blocks.take();
    blocks.release(block);
    const pixels = { memory: new SharedArrayBuffer(300), width: 10, height: 10 };
    const area = { left: 5, top: 5, width: 10, height: 10 };
    const plan = planLetterbox(area, INPUT);
    await assert.rejects(placer.placePart({ pixels, area }, { plan, pad: PAD, blocks }), {
      name: 'TransientError',
      code: 'PICTURE_THREAD_LOST',
    });
    assert.equal(blocks.take(), block);
    const picture = plain(200, 100, 70);
    assertPlaced(await place(await encodeJpeg(picture, { quality: 95 }), picture), 70, 32);
  });
});
