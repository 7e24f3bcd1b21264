import assert from 'node:assert/strict';
import { decodePicture } from './decode-picture.ts';
import { decodeResized } from './decode-resized.ts';
import { decodeShrunk } from './decode-shrunk.ts';
import { encodeJpeg } from './encode-picture.ts';
import type { Pixels } from './pixels.ts';
import { probePicture } from './probe-picture.ts';
import { layoutOf, noise, pipelineOf, quadrants } from './testing/test-pictures.ts';

const picture = quadrants(64, 32);
const UPRIGHT = ['red', 'green', 'blue', 'white'];

/** What a viewer sees of the quadrants when the file says that it is stored with this EXIF orientation. */
const DISPLAYED: Record<number, string[]> = {
  1: ['red', 'green', 'blue', 'white'],
  2: ['green', 'red', 'white', 'blue'],
  3: ['white', 'blue', 'green', 'red'],
  4: ['blue', 'white', 'red', 'green'],
  5: ['red', 'blue', 'green', 'white'],
  6: ['blue', 'red', 'white', 'green'],
  7: ['white', 'green', 'blue', 'red'],
  8: ['green', 'white', 'red', 'blue'],
};

describe('decodePicture', () => {
  const forms = {
    'a baseline JPEG': () => encodeJpeg(picture, { quality: 90 }),
    'a progressive JPEG': () => pipelineOf(picture).jpeg({ progressive: true }).toBuffer(),
    'a JPEG with another profile': () => pipelineOf(picture).withIccProfile('p3').jpeg({ quality: 95 }).toBuffer(),
    'a PNG': () => pipelineOf(picture).png().toBuffer(),
    'a PNG with a palette': () => pipelineOf(picture).png({ palette: true }).toBuffer(),
    'a 16-bit PNG': () => pipelineOf(picture).toColourspace('rgb16').png().toBuffer(),
    'a WebP': () => pipelineOf(picture).webp().toBuffer(),
    'a lossless WebP': () => pipelineOf(picture).webp({ lossless: true }).toBuffer(),
  };
  for (const [name, make] of Object.entries(forms)) {
    it(`decodes ${name} to RGB`, async () => {
      const pixels = await decodePicture(await make());
      assert.deepEqual([pixels.width, pixels.height, pixels.data.length], [64, 32, 64 * 32 * 3]);
      assert.deepEqual(layoutOf(pixels), UPRIGHT);
    });
  }

  for (const format of ['jpeg', 'png', 'webp'] as const) {
    it(`decodes a grey ${format} to three equal channels`, async () => {
      const bytes = await pipelineOf(picture).greyscale().toFormat(format).toBuffer();
      const { data } = await decodePicture(bytes);
      assert.equal(data.length, 64 * 32 * 3);
      assert.ok(Math.abs((data[0] ?? 0) - (data[1] ?? 0)) < 3 && Math.abs((data[1] ?? 0) - (data[2] ?? 0)) < 3);
    });

    for (const [orientation, displayed] of Object.entries(DISPLAYED)) {
      it(`turns a ${format} with orientation ${orientation} as a viewer shows it`, async () => {
        const bytes = await pipelineOf(picture)
          .toFormat(format)
          .withMetadata({ orientation: Number(orientation) })
          .toBuffer();
        const probe = await probePicture(bytes);
        const pixels = await decodePicture(bytes);
        assert.deepEqual([pixels.width, pixels.height], [probe.width, probe.height]);
        assert.deepEqual(layoutOf(pixels), displayed);
      });
    }
  }

  it('decodes a CMYK JPEG to RGB as near as printing inks come', async () => {
    const pixels = await decodePicture(await pipelineOf(picture).toColourspace('cmyk').jpeg().toBuffer());
    const at = (x: number, y: number) => [...pixels.data.subarray((y * 64 + x) * 3, (y * 64 + x) * 3 + 3)];
    const strongest = (rgb: number[]) => rgb.indexOf(Math.max(...rgb));
    assert.deepEqual([at(10, 5), at(50, 5), at(10, 25)].map(strongest), [0, 1, 2]);
    assert.ok(Math.min(...at(50, 25)) > 200);
  });

  it('lays transparent pixels on black', async () => {
    const bytes = await pipelineOf(picture).ensureAlpha(0).png().toBuffer();
    const pixels = await decodePicture(bytes);
    assert.ok(pixels.data.every((value) => value === 0));
  });

  it('converts a wide-gamut profile to sRGB', async () => {
    const plain = await decodePicture(await pipelineOf(picture).jpeg({ quality: 100 }).toBuffer());
    const p3 = await decodePicture(await pipelineOf(picture).withIccProfile('p3').jpeg({ quality: 100 }).toBuffer());
    assert.ok(Math.abs((plain.data[0] ?? 0) - (p3.data[0] ?? 0)) <= 4, `${plain.data[0]} and ${p3.data[0]}`);
  });

  it('shows what decodeResized shows, whatever a profile that calls itself sRGB says', async () => {
    const wide = await pipelineOf(picture)
      .withIccProfile('p3')
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .toBuffer();
    const name = wide.indexOf(Buffer.from('\0s\0P\x003\0C', 'latin1'));
    const renamed = Buffer.from(wide);
    renamed.write('\0s\0R\0G\0B', name, 'latin1');
    const [full, resized, converted] = [
      await decodePicture(renamed),
      await decodeResized(renamed, picture),
      await decodeResized(wide, picture),
    ];
    const greatest = (other: Pixels) =>
      full.data.reduce((most, value, index) => Math.max(most, Math.abs(value - (other.data[index] ?? 0))), 0);
    assert.ok(greatest(resized) <= 3, `${greatest(resized)}`);
    assert.ok(greatest(converted) > 10, 'the profile would change the picture');
  });

  it('takes the first frame of an animated WebP', async () => {
    const second = quadrants(64, 32);
    second.data.fill(0);
    const frames = { ...picture, data: Buffer.concat([picture.data, second.data]), height: 64 };
    const { data, width, height, channels } = frames;
    const { sharp } = await import('./sharp-engine.ts');
    const bytes = await sharp(data, { raw: { width, height, channels, pageHeight: 32 } })
      .webp({ loop: 0 })
      .toBuffer();
    const probe = await probePicture(bytes);
    assert.deepEqual([probe.width, probe.height], [64, 32]);
    const pixels = await decodePicture(bytes);
    assert.deepEqual([pixels.width, pixels.height], [64, 32]);
    assert.deepEqual(layoutOf(pixels), UPRIGHT);
  });

  it('decodes into the given buffer when it is large enough', async () => {
    const bytes = await encodeJpeg(picture, { quality: 90 });
    const buffer = Buffer.alloc(64 * 32 * 3 + 100);
    const pixels = await decodePicture(bytes, { buffer });
    assert.equal(pixels.data.buffer, buffer.buffer);
    assert.equal(pixels.data.length, 64 * 32 * 3);
    const small = await decodePicture(bytes, { buffer: Buffer.alloc(10) });
    assert.deepEqual(layoutOf(small), UPRIGHT);
  });

  describe('with a damaged picture', () => {
    const source = noise(96, 64);
    const whole = {
      'baseline JPEG': () => encodeJpeg(source, { quality: 80 }),
      'progressive JPEG': () => pipelineOf(source).jpeg({ progressive: true }).toBuffer(),
      'turned JPEG': () => pipelineOf(source).jpeg().withMetadata({ orientation: 6 }).toBuffer(),
      PNG: () => pipelineOf(source).png().toBuffer(),
      WebP: () => pipelineOf(source).webp().toBuffer(),
      'lossless WebP': () => pipelineOf(source).webp({ lossless: true }).toBuffer(),
    };
    for (const [name, make] of Object.entries(whole)) {
      it(`refuses a ${name} that was cut off anywhere`, async () => {
        const bytes = await make();
        for (const share of [0, 0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99]) {
          const cut = bytes.subarray(0, Math.floor(bytes.length * share));
          await assert.rejects(decodePicture(cut), { name: 'RejectedError', code: /^PICTURE_/ }, `cut to ${share}`);
        }
      });
    }

    it('names a JPEG that lacks its end truncated', async () => {
      const bytes = await encodeJpeg(source, { quality: 80 });
      for (const cut of [bytes.subarray(0, bytes.length / 2), bytes.subarray(0, -2), bytes.subarray(0, -1)]) {
        await assert.rejects(decodePicture(cut), { name: 'RejectedError', code: 'PICTURE_TRUNCATED' });
      }
    });

    it('refuses a JPEG whose coded data is overwritten', async () => {
      const bytes = Buffer.from(await encodeJpeg(source, { quality: 80 }));
      bytes.fill(0x5a, bytes.length / 2, bytes.length / 2 + 200);
      await assert.rejects(decodePicture(bytes), { name: 'RejectedError', code: 'PICTURE_CORRUPT' });
    });

    it('refuses a PNG whose checksum is wrong', async () => {
      const bytes = Buffer.from(await pipelineOf(source).png().toBuffer());
      bytes.fill(0x5a, bytes.length / 2, bytes.length / 2 + 20);
      await assert.rejects(decodePicture(bytes), { name: 'RejectedError', code: 'PICTURE_CORRUPT' });
    });

    it('refuses a progressive JPEG that repeats a scan, before it has cost much', async () => {
      const bytes = await pipelineOf(source).jpeg({ progressive: true }).toBuffer();
      const lastScan = bytes.subarray(bytes.lastIndexOf(Buffer.from([0xff, 0xda])), -2);
      const repeated = Array.from({ length: 5000 }, () => lastScan);
      const bomb = Buffer.concat([bytes.subarray(0, -2), ...repeated, bytes.subarray(-2)]);
      await assert.rejects(decodePicture(bomb), { name: 'RejectedError', code: 'PICTURE_CORRUPT' });
    });

    it('accepts what cameras write oddly with nothing lost', async () => {
      const bytes = await encodeJpeg(picture, { quality: 90 });
      const scan = bytes.indexOf(Buffer.from([0xff, 0xda]));
      const wrongParameters = Buffer.from(bytes);
      wrongParameters[scan + 12] = 0;
      const junk = Buffer.concat([bytes.subarray(0, scan), Buffer.alloc(7), bytes.subarray(scan)]);
      for (const odd of [wrongParameters, junk]) {
        assert.deepEqual(layoutOf(await decodePicture(odd)), UPRIGHT);
        assert.deepEqual(layoutOf(await decodeShrunk(odd, { maxWidth: 32, maxHeight: 32 })), UPRIGHT);
      }
    });

    it('ignores what follows the end of a JPEG', async () => {
      const bytes = Buffer.concat([await encodeJpeg(picture, { quality: 90 }), Buffer.alloc(1000, 7)]);
      assert.deepEqual(layoutOf(await decodePicture(bytes)), UPRIGHT);
    });

    it('refuses a bomb by its header even when the caller did not', async () => {
      const bytes = Buffer.from(await encodeJpeg(picture, { quality: 80 }));
      const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
      bytes.writeUInt16BE(40_000, frame + 5);
      bytes.writeUInt16BE(40_000, frame + 7);
      await assert.rejects(decodePicture(bytes), { name: 'RejectedError', code: 'PICTURE_TOO_LARGE' });
    });
  });
});
