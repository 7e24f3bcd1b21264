import assert from 'node:assert/strict';
import { type RedactionMethod, redactionMethodSchema } from '@edgeveil/contracts';
import { applyMasks } from './apply-masks.ts';
import { type PlannedMask, planMasks } from './mask-plan.ts';
import {
  checkerboard,
  copyOf,
  face,
  isInside,
  meanDifference,
  noise,
  plate,
  policyOf,
  type Scene,
} from './test-scenes.ts';

const methods = redactionMethodSchema.options;

function apply(scene: Scene, masks: readonly PlannedMask[], method: RedactionMethod): Scene {
  const result = copyOf(scene);
  applyMasks(result, masks, method);
  return result;
}

/** Squared correlation of the channel values of two areas: 1 when one can be computed from the other by a line. */
function correlation(a: Scene, b: Scene, [left, top, width, height]: readonly number[]): number {
  const values = (scene: Scene): number[] => {
    const list: number[] = [];
    for (let y = top ?? 0; y < (top ?? 0) + (height ?? 0); y++)
      for (let x = left ?? 0; x < (left ?? 0) + (width ?? 0); x++)
        list.push(scene.data[(y * scene.width + x) * 3] ?? 0);
    return list;
  };
  const first = values(a);
  const second = values(b);
  const meanOf = (list: number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
  const [meanA, meanB] = [meanOf(first), meanOf(second)];
  let [product, squaresA, squaresB] = [0, 0, 0];
  for (const [i, value] of first.entries()) {
    const other = (second[i] ?? 0) - meanB;
    product += (value - meanA) * other;
    squaresA += (value - meanA) ** 2;
    squaresB += other ** 2;
  }
  return squaresA * squaresB === 0 ? 0 : product ** 2 / (squaresA * squaresB);
}

describe('applyMasks', () => {
  for (const method of methods) {
    it(`${method} leaves every pixel outside the masks as it was, to the bit`, () => {
      const scene = noise(203, 149);
      const detections = [
        face([-3, -3, 30, 30]),
        face([150, 100, 70, 70]),
        face([60, 40, 33, 50]),
        face([70, 60, 50, 20]),
      ];
      const masks = planMasks({ detections, policy: policyOf(), ...scene });
      const boxes = masks.map((mask) => mask.box);
      const result = apply(scene, masks, method);
      assert.equal(
        meanDifference(scene, result, (x, y) => !isInside(x, y, boxes)),
        0,
      );
      assert.ok(meanDifference(scene, result, (x, y) => isInside(x, y, boxes)) > 50);
    });

    it(`${method} leaves nothing of a checkerboard or of noise`, () => {
      const box = [32, 24, 96, 128] as const;
      for (const scene of [1, 2, 3, 5, 7].map((side) => checkerboard(160, 176, side)).concat(noise(160, 176))) {
        const [mask] = planMasks({ detections: [face(box)], policy: policyOf(), ...scene });
        assert.ok(mask !== undefined);
        assert.ok(correlation(scene, apply(scene, [mask], method), box) < 0.02);
      }
    });

    it(`${method} makes plates of different text look alike`, () => {
      const [a, b] = [plate(7, 3, 1), plate(7, 3, 2)];
      const [mask] = planMasks({ detections: [face([0, 0, a.width, a.height])], policy: policyOf(), ...a });
      assert.ok(mask !== undefined);
      const everywhere = () => true;
      const before = meanDifference(a, b, everywhere);
      const after = meanDifference(apply(a, [mask], method), apply(b, [mask], method), everywhere);
      assert.ok(after < before / 6, `${after} after, ${before} before`);
    });

    it(`${method} gives the same pixels whatever the order of 200 overlapping masks`, () => {
      const scene = noise(320, 240);
      const detections = Array.from({ length: 200 }, (_, i) =>
        face([(i * 37) % 300, (i * 53) % 220, 10 + ((i * 7) % 60), 10 + ((i * 11) % 80)]),
      );
      const masks = planMasks({ detections, policy: policyOf(), ...scene });
      assert.equal(masks.length, 200);
      const forwards = apply(scene, masks, method);
      assert.ok(forwards.data.equals(apply(scene, masks.toReversed(), method).data));
      const boxes = masks.map((mask) => mask.box);
      assert.equal(meanDifference(scene, forwards, (x, y) => !isInside(x, y, boxes)) || 0, 0);
      assert.ok(meanDifference(scene, forwards, (x, y) => isInside(x, y, boxes)) > 50);
    });
  }

  it('pixelate gives each cell one colour, the mean of its pixels', () => {
    const scene = noise(64, 64);
    const result = apply(scene, [{ label: 'face', box: [8, 8, 40, 40], cell: 20 }], 'pixelate');
    for (const [left, top] of [
      [8, 8],
      [28, 8],
      [8, 28],
      [28, 28],
    ] as const)
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        const seen = new Set<number | undefined>();
        for (let y = top; y < top + 20; y++)
          for (let x = left; x < left + 20; x++) {
            sum += scene.data[(y * 64 + x) * 3 + channel] ?? 0;
            seen.add(result.data[(y * 64 + x) * 3 + channel]);
          }
        assert.deepEqual([...seen], [Math.round(sum / 400)]);
      }
  });

  it('pixelate has no cell narrower than asked for where the area does not divide evenly', () => {
    const result = apply(noise(64, 16), [{ label: 'face', box: [0, 0, 59, 16], cell: 16 }], 'pixelate');
    const runs: number[] = [];
    let last: string | undefined;
    for (let x = 0; x < 59; x++) {
      const colour = result.data.subarray(x * 3, x * 3 + 3).toString('hex');
      if (colour === last) runs[runs.length - 1] = (runs.at(-1) ?? 0) + 1;
      else runs.push(1);
      last = colour;
    }
    assert.deepEqual(runs, [20, 19, 20]);
  });

  it('blur shows no more than the cells do: scenes with the same cell means become the same picture', () => {
    // Squares of 1 pixel and of 2 pixels have the same mean in every cell of 8.
    const masks: PlannedMask[] = [{ label: 'face', box: [8, 8, 48, 48], cell: 8 }];
    const boxes = masks.map((mask) => mask.box);
    const fine = apply(checkerboard(64, 64, 1), masks, 'blur');
    const coarse = apply(checkerboard(64, 64, 2), masks, 'blur');
    assert.equal(
      meanDifference(fine, coarse, (x, y) => isInside(x, y, boxes)),
      0,
    );
  });

  it('blur runs smoothly and keeps an even area even', () => {
    const even = { ...noise(64, 64), data: Buffer.alloc(64 * 64 * 3, 130) };
    const masks: PlannedMask[] = [{ label: 'face', box: [0, 0, 64, 64], cell: 8 }];
    assert.ok(apply(even, masks, 'blur').data.every((value) => value === 130));
    const white = { ...even, data: Buffer.alloc(64 * 64 * 3, 255) };
    assert.ok(apply(white, masks, 'blur').data.every((value) => value === 255));
    const result = apply(noise(64, 64), masks, 'blur');
    for (let x = 1; x < 64; x++) {
      const step = Math.abs((result.data[x * 3] ?? 0) - (result.data[x * 3 - 3] ?? 0));
      assert.ok(step <= 4, `step of ${step} at ${x}`);
    }
  });

  it('solid is black', () => {
    const masks: PlannedMask[] = [{ label: 'face', box: [8, 0, 16, 8], cell: 8 }];
    const result = apply(noise(32, 16), masks, 'solid');
    for (let y = 0; y < 8; y++)
      assert.ok(result.data.subarray((y * 32 + 8) * 3, (y * 32 + 24) * 3).every((v) => v === 0));
  });
});
