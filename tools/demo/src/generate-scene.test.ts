import assert from 'node:assert/strict';
import { probePicture } from '@edgeveil/picture-codec';
import { generateScene, type Scene } from './generate-scene.ts';
import { SCENE_KINDS } from './scene-plan.ts';

describe('generateScene', () => {
  for (const kind of SCENE_KINDS) {
    it(`draws a ${kind} as a JPEG of the promised size`, async () => {
      const { jpeg, truth } = await generateScene({ kind, seed: 5 });
      const { format, width, height } = await probePicture(jpeg);
      assert.deepEqual({ format, width, height }, { format: 'jpeg', width: 1280, height: 720 });
      assert.deepEqual([truth.width, truth.height], [1280, 720]);
    });
  }

  it('gives the same bytes and the same truth for the same seed, and others for the next', async () => {
    const options = { kind: 'gate', seed: 11 } as const;
    const [one, two, other] = [
      await generateScene(options),
      await generateScene(options),
      await generateScene({ ...options, seed: 12 }),
    ];
    assert.ok(one.jpeg.equals(two.jpeg));
    assert.deepEqual(one.truth, two.truth);
    assert.notDeepEqual(one.truth, other.truth);
  });

  it('keeps every box inside the frame, and every face and plate large and open enough to be recognised', async () => {
    const scenes = await drawn(24);
    for (const { truth } of scenes) {
      for (const { label, box, visible } of truth.objects) {
        const [x, y, width, height] = box;
        const where = `${label} ${box.join(' ')}`;
        assert.ok(x >= 0 && y >= 0 && x + width <= 1280.05 && y + height <= 720.05, where);
        assert.ok(visible > 0 && visible <= 1, where);
        if (label === 'face') assert.ok(visible >= 0.6 && width >= 19 && height >= 19, `${where} ${visible}`);
        if (label === 'plate') assert.ok(visible >= 0.99 && width >= 39 && height >= 13, `${where} ${visible}`);
      }
    }
  });

  it('puts all five classes into a few scenes', async () => {
    const labels = new Set((await drawn(9)).flatMap(({ truth }) => truth.objects.map(({ label }) => label)));
    assert.deepEqual([...labels].sort(), ['face', 'parcel', 'person', 'plate', 'vehicle']);
  });

  it('scales the truth with the picture', async () => {
    const options = { kind: 'shop-floor', seed: 3 } as const;
    const [large, small] = [await generateScene(options), await generateScene({ ...options, width: 640, height: 360 })];
    assert.deepEqual(
      small.truth.objects.map(({ box }) => box.map((side) => side * 2)),
      large.truth.objects.map(({ box }) => [...box]),
    );
  });
});

async function drawn(count: number): Promise<Scene[]> {
  const scenes: Scene[] = [];
  for (let seed = 500; seed < 500 + count; seed++)
    scenes.push(await generateScene({ kind: SCENE_KINDS[seed % 3] ?? 'gate', seed }));
  return scenes;
}
