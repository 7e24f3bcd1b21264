import assert from 'node:assert/strict';
import { generateScene, LABELS, SCENE_KINDS } from '@edgeveil/demo';
import { iou } from '@edgeveil/vision';
import { Detector } from './detector.ts';

/** Seeds that no training used: those are small numbers. */
const FIRST_SEED = 900_000_000;
const SCENES_OF_EACH_KIND = 4;

describe('bundled model', function () {
  this.timeout(60_000);

  it('knows the labels of the demo, and finds faces and plates in scenes it has not seen', async () => {
    await using detector = await Detector.open({ model: 'demo-scenes' });
    assert.deepEqual(detector.labels, LABELS);
    const isFound: boolean[] = [];
    for (const kind of SCENE_KINDS) {
      for (let seed = FIRST_SEED; seed < FIRST_SEED + SCENES_OF_EACH_KIND; seed += 1) {
        const { jpeg, truth } = await generateScene({ kind, seed });
        const [found = []] = await detector.detect([{ bytes: jpeg }]);
        for (const { label, box } of truth.objects) {
          if (label === 'face' || label === 'plate') {
            isFound.push(found.some((each) => each.label === label && iou(each.box, box) >= 0.5));
          }
        }
      }
    }
    assert.ok(isFound.length >= 10, `only ${isFound.length} faces and plates to look for`);
    const share = isFound.filter(Boolean).length / isFound.length;
    // How good the model is says its card, over many more scenes. A wrong colour order or offset costs far more than this.
    assert.ok(share >= 0.85, `found ${share} of ${isFound.length}`);
  });
});
