import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Box, Receipt } from '@edgeveil/contracts';
import { generateScene, SCENE_KINDS, type SceneTruth } from '@edgeveil/demo';
import { Detector } from '@edgeveil/inference';
import { decodePicture, encodeJpeg, type Pixels } from '@edgeveil/picture-codec';
import { iou } from '@edgeveil/vision';
import { dropPicture } from './drop-picture.ts';
import { leftovers } from './leftovers.ts';
import { differenceInside, differenceOutside } from './picture-difference.ts';
import { startTestSuite, type TestSuite } from './test-suite.ts';

const SCENES = Number(process.env.EDGEVEIL_E2E_SCENES ?? 300);
const FIRST_SEED = 1;
/** Redact's, by the deployment template. */
const JPEG_QUALITY = 82;
/** Mean difference per colour value, of 255, from which a face or plate counts as destroyed. */
const DESTROYED = 4;
/** Modules are killed after this share of the scenes has arrived in the storage account. */
const KILLS = [
  { module: 'ingest', after: 0.1 },
  { module: 'inference', after: 0.25 },
  { module: 'redact', after: 0.4 },
  { module: 'uploader', after: 0.55 },
] as const;

interface Scene {
  readonly jpeg: Buffer;
  readonly truth: SceneTruth;
}

interface Arrived {
  readonly picture: Buffer;
  readonly receipt: Receipt;
}

describe('the suite on 300 demo scenes, each module killed once', function () {
  this.timeout(15 * 60_000);

  const scenes = new Map<string, Scene>();
  const arrived = new Map<string, Arrived[]>();
  let dir: string;
  let suite: TestSuite;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-e2e-'));
    suite = await startTestSuite({ dir, twins: {} });
    const kills = killModules(suite);
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SCENES; seed += 1) {
      const kind = SCENE_KINDS[seed % SCENE_KINDS.length] ?? 'gate';
      const scene = await generateScene({ kind, seed });
      scenes.set(createHash('sha256').update(scene.jpeg).digest('hex'), scene);
      await dropPicture(join(suite.sourcesDir, 'dropped'), `scene-${seed}.jpg`, scene.jpeg);
    }
    await kills;
    await suite.waitForUploads(SCENES);
    for await (const { picture, receipt } of suite.download()) {
      const same = arrived.get(receipt.frame.sha256) ?? [];
      arrived.set(receipt.frame.sha256, [...same, { picture, receipt }]);
    }
  });

  after(async () => {
    await suite?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  /**
   * Each scene that arrived, with its original as JPEG of the same quality shows it: what then differs is redaction's doing.
   */
  async function* pairs(): AsyncGenerator<Arrived & { original: Pixels; redacted: Pixels; truth: SceneTruth }> {
    for (const [sha256, { jpeg, truth }] of scenes) {
      const [first] = arrived.get(sha256) ?? [];
      assert.ok(first, `scene ${sha256} did not arrive`);
      const original = await decodePicture(await encodeJpeg(await decodePicture(jpeg), { quality: JPEG_QUALITY }));
      yield { ...first, truth, original, redacted: await decodePicture(first.picture) };
    }
  }

  it('has killed and restarted every module', () => {
    for (const { module } of KILLS) assert.ok((suite.restartCount(module) ?? 0) >= 1, `${module} was not restarted`);
  });

  it('brings every scene to the storage account exactly once, with its receipt', () => {
    assert.equal(arrived.size, SCENES);
    for (const [sha256, copies] of arrived) {
      assert.ok(scenes.has(sha256), `${sha256} is no scene of ours`);
      assert.equal(copies.length, 1, `${sha256} arrived ${copies.length} times`);
      const [copy] = copies;
      assert.ok(copy);
      assert.equal(createHash('sha256').update(copy.picture).digest('hex'), copy.receipt.picture.sha256);
    }
  });

  it('leaves no frame in any store', async () => {
    assert.deepEqual(await leftovers(suite), []);
  });

  it('destroys every face and plate of the ground truth', async () => {
    const detector = await Detector.open({ model: 'demo-scenes' });
    const escaped: string[] = [];
    for await (const { receipt, picture, original, redacted, truth } of pairs()) {
      const [detections = []] = await detector.detect([{ bytes: picture }]);
      for (const { label, box } of truth.objects) {
        if (label !== 'face' && label !== 'plate') continue;
        const what = `${label} at ${box.map(Math.round).join(', ')} of frame ${receipt.frame.id}`;
        const difference = differenceInside(original, redacted, box);
        if (difference < DESTROYED) escaped.push(`${what}: mean difference ${difference.toFixed(1)}`);
        const seen = detections.find((each) => each.label === label && each.score >= 0.25 && overlaps(each.box, box));
        if (seen) escaped.push(`${what}: found again with score ${seen.score.toFixed(2)}`);
      }
    }
    await detector.close();
    assert.deepEqual(escaped, []);
  });

  it('changes nothing outside the masks but what JPEG itself changes', async () => {
    for await (const { receipt, original, redacted } of pairs()) {
      const { mean, worstBlock } = differenceOutside(
        original,
        redacted,
        receipt.masked.map(({ box }) => box),
      );
      assert.ok(mean < 0.1, `mean difference ${mean.toFixed(2)} outside the masks of ${receipt.frame.id}`);
      assert.ok(worstBlock < 4, `a block differs by ${worstBlock.toFixed(1)} outside the masks of ${receipt.frame.id}`);
    }
  });
});

function overlaps(a: Box, b: Box): boolean {
  return iou(a, b) > 0.3;
}

async function killModules(suite: TestSuite): Promise<void> {
  for (const { module, after } of KILLS) {
    await suite.waitForUploads(Math.ceil(SCENES * after));
    suite.kill(module);
  }
}
