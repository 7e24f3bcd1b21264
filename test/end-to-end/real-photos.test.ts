import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Receipt } from '@edgeveil/contracts';
import { installModel } from '../../tools/cli/src/install-model.ts';
import { testData } from '../test-data.ts';
import { dropPicture } from './drop-picture.ts';
import { leftovers } from './leftovers.ts';
import { startTestSuite, type TestSuite } from './test-suite.ts';

/** Share of the labelled noses of small faces that YuNet's boxes hold, as measured for the test data. */
const EXPECTED_SHARE = 0.93;
const MIN_EYE_DISTANCE = 8;

type Keypoint = readonly [x: number, y: number, visibility: number];
interface Person {
  readonly head?: { readonly nose?: Keypoint; readonly leye?: Keypoint; readonly reye?: Keypoint };
}
interface GroundTruth {
  readonly images: Readonly<
    Record<string, { readonly file: string; readonly labelled: boolean; readonly persons: readonly Person[] }>
  >;
}

/** Noses of faces that are large enough to tell who it is. */
function nosesOf(persons: readonly Person[]): Keypoint[] {
  return persons.flatMap(({ head }) => {
    if (!head?.nose || !head.leye || !head.reye) return [];
    const distance = Math.hypot(head.leye[0] - head.reye[0], head.leye[1] - head.reye[1]);
    return distance >= MIN_EYE_DISTANCE ? [head.nose] : [];
  });
}

describe('the suite on real photos with YuNet', function () {
  this.timeout(5 * 60_000);

  let dir: string;
  let suite: TestSuite;
  const noses = new Map<string, Keypoint[]>();
  const receipts = new Map<string, Receipt>();

  before(async function () {
    const model = testData(this, 'models/yunet_n_640.onnx');
    const truth = JSON.parse(await readFile(testData(this, 'photos/coco_gt.json'), 'utf8')) as GroundTruth;
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-photos-'));
    suite = await startTestSuite({
      dir,
      twins: {
        inference: { model: { package: 'yunet' }, executionProviders: ['cpu'] },
        redact: { policy: { name: 'faces', labels: ['face'] } },
      },
      prepareModels: async (modelsDir) => void (await installModel(model, join(modelsDir, 'yunet'))),
    });
    const labelled = Object.values(truth.images).filter((image) => image.labelled);
    for (const { file, persons } of labelled) {
      const bytes = await readFile(testData(this, join('photos', file)));
      noses.set(createHash('sha256').update(bytes).digest('hex'), nosesOf(persons));
      await dropPicture(join(suite.sourcesDir, 'dropped'), file.replaceAll('/', '-'), bytes);
    }
    await suite.waitForUploads(labelled.length);
    for await (const { receipt } of suite.download()) receipts.set(receipt.frame.sha256, receipt);
  });

  after(async () => {
    await suite?.stop();
    if (dir !== undefined) await rm(dir, { recursive: true, force: true });
  });

  it('brings every photo to the storage account and leaves none behind', async () => {
    assert.deepEqual([...receipts.keys()].sort(), [...noses.keys()].sort());
    assert.deepEqual(await leftovers(suite), []);
  });

  it('masks the noses at least as often as YuNet is known to find them', () => {
    let covered = 0;
    let total = 0;
    for (const [sha256, points] of noses) {
      const masks = receipts.get(sha256)?.masked ?? [];
      for (const [x, y] of points) {
        total += 1;
        if (
          masks.some(
            ({ box: [left, top, width, height] }) => x >= left && x <= left + width && y >= top && y <= top + height,
          )
        ) {
          covered += 1;
        }
      }
    }
    console.log(`      ${covered} of ${total} noses are inside masks`);
    assert.ok(total > 50, `only ${total} noses`);
    assert.ok(covered / total >= EXPECTED_SHARE, `${covered} of ${total}`);
  });
});
