/**
 * Draws the scenes of a range of seeds at the detector's input size into one file of raw RGB pixels and one of labels.
 *
 *   node tools/demo/training/make-dataset.ts --from 200000 --count 4000 --out DIR/train [--part 0/2] [--hidden] [--redacted]
 *
 * `--part I/N` draws every Nth scene, so that N processes share the work; each writes OUT.I.rgb and OUT.I.json.
 * `--hidden` leaves mostly hidden faces and plates in every fourth scene (see `keepHidden`).
 * `--redacted` hides faces and plates with the redact module and takes them off the labels.
 */
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { generateScene, SCENE_KINDS } from '../src/index.ts';
import { Random } from '../src/random.ts';
import { hideObjects } from './hide-objects.ts';

const WIDTH = 512;
const HEIGHT = 288;
// Decoders shrink pictures in different ways; the detector must not care which.
const KERNELS = ['lanczos3', 'cubic', 'linear', 'mitchell'] as const;

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '200000' },
    count: { type: 'string', default: '32' },
    out: { type: 'string', default: 'train' },
    part: { type: 'string', default: '0/1' },
    hidden: { type: 'boolean', default: false },
    redacted: { type: 'boolean', default: false },
  },
});
const [part = 0, parts = 1] = values.part.split('/').map(Number);
sharp.concurrency(1);

const pixels = createWriteStream(`${values.out}.${part}.rgb`);
const labels: unknown[] = [];
for (let i = part; i < Number(values.count); i += parts) {
  const seed = Number(values.from) + i;
  const random = new Random(seed ^ 0x7a11);
  const scene = await generateScene({
    kind: SCENE_KINDS[seed % 3] ?? 'gate',
    seed,
    keepHidden: values.hidden && seed % 4 === 0,
  });
  const { jpeg, truth } = values.redacted ? await hideObjects(scene, random) : scene;
  // Half of them by way of a half-size picture, as a JPEG decoder that shrinks on load hands it over.
  let source = sharp(jpeg);
  if (random.chance(0.5))
    source = sharp(await source.resize(640, 360, { kernel: 'linear' }).png({ compressionLevel: 0 }).toBuffer());
  const raw = await source
    .resize(WIDTH, HEIGHT, { kernel: random.pick(KERNELS), fit: 'fill' })
    .removeAlpha()
    .raw()
    .toBuffer();
  if (!pixels.write(raw)) await new Promise<void>((resolve) => pixels.once('drain', resolve));
  const [sx, sy] = [WIDTH / truth.width, HEIGHT / truth.height];
  labels.push({
    seed,
    objects: truth.objects.map(({ label, box: [x, y, w, h], visible }) => ({
      label,
      box: [x * sx, y * sy, w * sx, h * sy],
      visible,
    })),
  });
}
await new Promise<void>((resolve) => pixels.end(resolve));
await writeFile(`${values.out}.${part}.json`, JSON.stringify(labels));
