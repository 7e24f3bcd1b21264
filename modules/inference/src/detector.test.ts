import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Box, RejectedError, TransientError } from '@edgeveil/contracts';
import { encodeJpeg, type Pixels } from '@edgeveil/picture-codec';
import { Detector } from './detector.ts';
import { pixelsWith, pngWith, turnedJpeg } from './testing/test-pictures.ts';
import { tinyModel, tinyPackage, writeTinyPackage } from './testing/tiny-model.ts';

const RED = [255, 0, 0] as const;
const GREEN = [0, 255, 0] as const;
const BLUE = [0, 0, 255] as const;

const DYING_WORKER = new URL('./testing/dying-worker.ts', import.meta.url);

function assertNear(found: Box | undefined, expected: Box): void {
  const isNear = expected.every((value, index) => Math.abs(value - (found?.[index] ?? Number.NaN)) < 0.01);
  assert.ok(isNear, `${found?.join()} instead of ${expected.join()}`);
}

describe('Detector', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-detector-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('finds things at their place in the original picture, in the right colour', async () => {
    await using detector = await Detector.open({ model: await writeTinyPackage(dir) });
    // 256x128 becomes 64x32 in the middle of 64x64: a block of the model is 32x32 pixels of the picture.
    const bytes = await pngWith(256, 128, [
      { colour: RED, box: [0, 0, 32, 32] },
      { colour: BLUE, box: [96, 64, 32, 32] },
    ]);
    const [found] = await detector.detect([{ bytes }]);
    assert.deepEqual(found?.map(({ label }) => label).sort(), ['blue', 'red']);
    assertNear(found?.find(({ label }) => label === 'red')?.box, [0, 0, 32, 32]);
    assertNear(found?.find(({ label }) => label === 'blue')?.box, [96, 64, 32, 32]);
  });

  it('gives boxes in pixels of the picture as it is displayed, for every EXIF orientation', async () => {
    await using detector = await Detector.open({ model: await writeTinyPackage(dir) });
    // Stored 256x128, red block in the stored top left corner. Where that corner is displayed:
    const displayed: Readonly<Record<number, Box>> = {
      1: [0, 0, 32, 32],
      2: [224, 0, 32, 32],
      3: [224, 96, 32, 32],
      4: [0, 96, 32, 32],
      5: [0, 0, 32, 32],
      6: [96, 0, 32, 32],
      7: [96, 224, 32, 32],
      8: [0, 224, 32, 32],
    };
    const stored = pixelsWith(256, 128, [{ colour: RED, box: [0, 0, 32, 32] }]);
    for (const [orientation, box] of Object.entries(displayed)) {
      const [found] = await detector.detect([{ bytes: await turnedJpeg(stored, Number(orientation)) }]);
      assert.equal(found?.length, 1, `orientation ${orientation}`);
      assertNear(found[0]?.box, box);
    }
  });

  for (const batch of ['batch', 1, 4]) {
    it(`gives each picture its own detections with a model whose batch is ${batch}`, async () => {
      await using detector = await Detector.open({ model: await writeTinyPackage(dir, { batch }), maxBatch: 3 });
      // On the CPU a model that takes any number is given one at a time; what is given beyond is run in batches.
      assert.equal(detector.batchSize, batch === 'batch' ? 1 : batch);
      const colours = [RED, GREEN, BLUE, GREEN, RED, BLUE, RED];
      const pictures = await Promise.all(
        colours.map(async (colour, index) => ({
          bytes: await pngWith(64, 64, [{ colour, box: [index * 8, 16, 8, 8] }]),
        })),
      );
      const prepared = await Promise.all(pictures.map((picture) => detector.prepare(picture)));
      const { detections: found } = await detector.run(prepared);
      assert.deepEqual(await detector.detect(pictures), found);
      assert.deepEqual(
        found.map(([first, ...others]) => [first?.label, first?.box[0], others.length]),
        colours.map((colour, index) => [colour === RED ? 'red' : colour === GREEN ? 'green' : 'blue', index * 8, 0]),
      );
    });
  }

  it('stretches where the package says so', async () => {
    const { input } = tinyPackage(tinyModel());
    const model = await writeTinyPackage(dir, { overrides: { input: { ...input, resize: 'stretch' } } });
    await using detector = await Detector.open({ model });
    const [found] = await detector.detect([
      { bytes: await pngWith(256, 128, [{ colour: RED, box: [64, 32, 32, 16] }]) },
    ]);
    assertNear(found?.[0]?.box, [64, 32, 32, 16]);
  });

  it('takes a bare model file and recognises it', async () => {
    const file = join(dir, 'bare.onnx');
    await writeFile(file, tinyModel());
    await using detector = await Detector.open({ model: file });
    assert.deepEqual(detector.labels, ['class0', 'class1', 'class2']);
    assert.equal(detector.identity.name, 'bare');
    assert.equal(detector.model.decoder, 'yolov8');
  });

  it('applies thresholds that are given', async () => {
    const model = await writeTinyPackage(dir);
    const bytes = await pngWith(64, 64, [{ colour: [150, 0, 0], box: [0, 0, 8, 8] }]);
    await using plain = await Detector.open({ model });
    assert.equal((await plain.detect([{ bytes }]))[0]?.length, 1);
    await using strict = await Detector.open({ model, labelThresholds: { red: 0.9 } });
    assert.equal((await strict.detect([{ bytes }]))[0]?.length, 0);
  });

  it('rejects a cut-off picture and goes on with the next', async () => {
    await using detector = await Detector.open({ model: await writeTinyPackage(dir) });
    const pixels: Pixels = pixelsWith(256, 256, [{ colour: RED, box: [32, 32, 32, 32] }]);
    const bytes = await encodeJpeg(pixels, { quality: 90 });
    await assert.rejects(
      detector.detect([{ bytes }, { bytes: bytes.subarray(0, bytes.length / 2) }, { bytes }]),
      (error) => error instanceof RejectedError && error.code === 'PICTURE_TRUNCATED',
    );
    assert.equal((await detector.detect([{ bytes }]))[0]?.length, 1);
  });

  it('replaces a worker that died, refuses what it had in hand and goes on', async () => {
    const model = await writeTinyPackage(dir);
    const marker = join(dir, 'model.onnx.die');
    await using detector = await Detector.open({ model, workerFile: DYING_WORKER });
    const bytes = await pngWith(64, 64, [{ colour: RED, box: [0, 0, 8, 8] }]);
    await writeFile(marker, '');
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await assert.rejects(
        detector.detect([{ bytes }]),
        (error) => error instanceof TransientError && error.code === 'INFERENCE_WORKER_LOST',
      );
    }
    await rm(marker);
    assert.equal((await detector.detect([{ bytes }]))[0]?.length, 1);
  });

  it('closes while its worker is dead', async () => {
    const model = await writeTinyPackage(dir);
    await writeFile(join(dir, 'model.onnx.die'), '');
    const detector = await Detector.open({ model, workerFile: DYING_WORKER });
    await assert.rejects(detector.detect([{ bytes: await pngWith(64, 64, []) }]));
    const waiting = assert.rejects(detector.detect([{ bytes: await pngWith(64, 64, []) }]));
    await detector.close();
    await waiting;
  });
});
