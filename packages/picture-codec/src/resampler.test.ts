import assert from 'node:assert/strict';
import { filterTable } from './filter-table.ts';
import type { Pixels } from './pixels.ts';
import { Resampler } from './resampler.ts';
import type { ResizeTarget } from './resize-target.ts';
import { noise, pipelineOf } from './testing/test-pictures.ts';

const SIZES = [
  [1920, 1080, 640, 360],
  [1920, 1080, 455, 256],
  [640, 480, 640, 480],
  [333, 77, 100, 76],
  [64, 48, 640, 480],
  [17, 300, 90, 31],
  [1, 1, 5, 3],
  [9, 1, 1, 7],
  [5, 7, 5, 3],
] as const;

describe('Resampler', () => {
  const resampler = new Resampler();
  for (const [fromWidth, fromHeight, width, height] of SIZES) {
    it(`brings ${fromWidth}x${fromHeight} to ${width}x${height} as its filter says`, () => {
      const source = noise(fromWidth, fromHeight);
      const result = resample(resampler, source, { width, height });
      assert.equal(result.length, width * height * 3);
      const rows = filterTable(fromHeight, height, { start: 0, length: height });
      const columns = filterTable(fromWidth, width, { start: 0, length: width });
      for (const [x, y] of [
        [0, 0],
        [width - 1, 0],
        [0, height - 1],
        [width - 1, height - 1],
        [width >> 1, height >> 1],
      ] as const) {
        for (const channel of [0, 1, 2]) {
          let sum = 0;
          for (let row = 0; row < rows.taps; row += 1) {
            for (let column = 0; column < columns.taps; column += 1) {
              const at = ((rows.starts[y] ?? 0) + row) * fromWidth + (columns.starts[x] ?? 0) + column;
              const weight =
                (rows.weights[y * rows.taps + row] ?? 0) * (columns.weights[x * columns.taps + column] ?? 0);
              sum += (weight / 65_536) * (source.data[at * 3 + channel] ?? 0);
            }
          }
          const found = result[(y * width + x) * 3 + channel] ?? Number.NaN;
          assert.ok(Math.abs(found - sum) <= 1.01, `at ${x},${y} ${channel}: ${found}, expected ${sum}`);
        }
      }
    });
  }

  it('keeps a plain colour to the value, at all sizes', () => {
    for (const [fromWidth, fromHeight, width, height] of SIZES) {
      for (const value of [0, 1, 127, 254, 255]) {
        const plain = { ...noise(fromWidth, fromHeight), data: Buffer.alloc(fromWidth * fromHeight * 3, value) };
        assert.ok(
          resample(resampler, plain, { width, height }).every((each) => each === value),
          `${fromWidth}x${fromHeight} to ${width}x${height}: ${value}`,
        );
      }
    }
  });

  it('gives of a part what it gives of the whole, one part after the other', async () => {
    for (const [fromWidth, fromHeight, width, height] of SIZES) {
      const source = noise(fromWidth, fromHeight);
      const whole = resample(resampler, source, { width, height });
      for (const part of [
        { left: 0, top: 0, width, height: 1 },
        { left: width >> 1, top: height >> 1, width: width - (width >> 1), height: height - (height >> 1) },
        { left: width >> 2, top: height >> 1, width: width - (width >> 1), height: height - (height >> 1) },
      ]) {
        const found = resample(resampler, source, { width, height, part });
        const expected = await pipelineOf({ data: whole, width, height, channels: 3 }).extract(part).raw().toBuffer();
        assert.deepEqual(found, expected, `${fromWidth}x${fromHeight} to ${width}x${height}`);
      }
    }
  });

  it('gives the same after a larger picture that was not brought to another size', () => {
    const [small, large] = [noise(40, 30), noise(400, 300)];
    const before = resample(resampler, small, { width: 20, height: 15 });
    resample(resampler, large, large);
    assert.deepEqual(resample(resampler, small, { width: 20, height: 15 }), before);
  });

  it('comes near to what libvips makes of the same picture', async () => {
    const coarse = await pipelineOf(noise(24, 16)).resize(720, 480, { kernel: 'cubic' }).raw().toBuffer();
    const source: Pixels = { data: coarse, width: 720, height: 480, channels: 3 };
    for (const [width, height] of [
      [240, 160],
      [300, 200],
      [1000, 700],
    ] as const) {
      const expected = await pipelineOf(source)
        .resize(width, height, { fit: 'fill', kernel: 'linear' })
        .raw()
        .toBuffer();
      const found = resample(resampler, source, { width, height });
      const error =
        found.reduce((sum, value, index) => sum + Math.abs(value - (expected[index] ?? 0)), 0) / found.length;
      assert.ok(error < 1.5, `${width}x${height}: ${error}`);
    }
  });
});

function resample(resampler: Resampler, source: Pixels, to: ResizeTarget): Buffer {
  resampler.source(source).set(source.data);
  return Buffer.from(resampler.resample(source, to));
}
