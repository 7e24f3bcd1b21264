import assert from 'node:assert/strict';
import type { Box } from '@edgeveil/contracts';
import { planMasks } from './mask-plan.ts';
import { face, policyOf } from './test-scenes.ts';

const size = { width: 640, height: 480 };
const bare = { margin: 0, minMarginPixels: 0 };

function boxesOf(box: Box, policy = policyOf(bare), picture = size): Box[] {
  return planMasks({ detections: [face(box)], policy, ...picture }).map((mask) => mask.box);
}

describe('planMasks', () => {
  it('adds the margin as a share of each side and rounds outwards to blocks of 16 pixels', () => {
    // 100 - 15 = 85 → 80; 200 + 15 = 215 → 224; 100 - 30 = 70 → 64; 300 + 30 = 330 → 336.
    const policy = policyOf({ margin: 0.15, minMarginPixels: 4 });
    assert.deepEqual(boxesOf([100, 100, 100, 200], policy), [[80, 64, 144, 272]]);
  });

  it('adds at least the least margin to small boxes', () => {
    const policy = policyOf({ margin: 0.1, minMarginPixels: 9 });
    assert.deepEqual(boxesOf([104, 104, 8, 8], policy), [[80, 80, 48, 48]]);
  });

  it('cuts masks at the borders, also where the picture does not end with a block', () => {
    assert.deepEqual(boxesOf([-50, -5, 60, 20]), [[0, 0, 16, 16]]);
    assert.deepEqual(boxesOf([95, 61, 30, 30], policyOf(bare), { width: 101, height: 67 }), [[80, 48, 21, 19]]);
    assert.deepEqual(boxesOf([-1e9, -1e9, 2e9, 2e9]), [[0, 0, 640, 480]]);
  });

  it('masks a box without area', () => {
    assert.deepEqual(boxesOf([16, 32, 0, 0]), [[16, 32, 16, 16]]);
    assert.deepEqual(boxesOf([17.5, 32, 0, 17]), [[16, 32, 16, 32]]);
    assert.deepEqual(boxesOf([0, 0, 0, 0], policyOf(bare), { width: 1, height: 1 }), [[0, 0, 1, 1]]);
  });

  it('leaves out boxes that cover no pixel', () => {
    assert.deepEqual(boxesOf([640, 10, 5, 5]), []);
    assert.deepEqual(boxesOf([10, -30, 5, 20]), []);
    assert.deepEqual(boxesOf([1e12, 1e12, 1, 1]), []);
  });

  it('leaves out labels that the policy does not name, letter by letter', () => {
    const detections = [face([0, 0, 9, 9], 'Face'), face([0, 0, 9, 9], 'parcel'), face([0, 0, 9, 9], 'plate')];
    const masks = planMasks({ detections, policy: policyOf({ labels: ['face', 'plate'] }), ...size });
    assert.deepEqual(
      masks.map((mask) => mask.label),
      ['plate'],
    );
  });

  it('refuses a box that is no rectangle', () => {
    for (const box of [
      [Number.NaN, 0, 1, 1],
      [0, Number.POSITIVE_INFINITY, 1, 1],
      [0, 0, -1, 1],
      [0, 0, 1, Number.NaN],
    ] as const)
      assert.throws(() => boxesOf(box), { code: 'DETECTION_BOX_INVALID' });
  });

  it('never leaves more than 4 cells across the shorter side of a box, nor cells below 24 pixels, nor more than a row of text', () => {
    const cellOf = (box: Box) => planMasks({ detections: [face(box)], policy: policyOf(), ...size })[0]?.cell;
    assert.equal(cellOf([0, 0, 180, 240]), 45);
    assert.equal(cellOf([0, 0, 110, 102]), 26);
    assert.equal(cellOf([0, 0, 12, 14]), 24);
    assert.equal(cellOf([0, 0, 0, 0]), 24);
    assert.equal(cellOf([100, 100, 110, 26]), 48);
    assert.equal(cellOf([100, -20, 110, 26]), 24);
  });
});
