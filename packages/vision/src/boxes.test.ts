import assert from 'node:assert/strict';
import type { Box } from '@edgeveil/contracts';
import { boxAround, clipBox, expandBox, intersectionArea, iou, scaleBox } from './boxes.ts';

describe('boxes', () => {
  const size = { width: 100, height: 50 };

  it('measure their overlap as a share of what both cover', () => {
    assert.equal(iou([0, 0, 10, 10], [0, 0, 10, 10]), 1);
    assert.equal(iou([0, 0, 10, 10], [5, 0, 10, 10]), 50 / 150);
    assert.equal(intersectionArea([0, 0, 10, 10], [2, 3, 4, 5]), 20);
  });

  it('do not overlap when they only touch or are empty', () => {
    assert.equal(iou([0, 0, 10, 10], [10, 0, 10, 10]), 0);
    assert.equal(iou([3, 3, 0, 0], [3, 3, 0, 0]), 0);
  });

  it('are cut to the picture', () => {
    assert.deepEqual(clipBox([-5, -5, 20, 20], size), [0, 0, 15, 15]);
    assert.deepEqual(clipBox([90, 40, 20, 20], size), [90, 40, 10, 10]);
  });

  it('have no area when they lie outside', () => {
    const [, , width, height] = clipBox([200, 10, 20, 20], size);
    assert.equal(width * height, 0);
  });

  it('cover the whole picture when their size is infinite', () => {
    const infinite = Number.POSITIVE_INFINITY;
    assert.deepEqual(clipBox(boxAround(50, 25, infinite, infinite), size), [0, 0, 100, 50]);
  });

  it('grow on each side, to whole pixels, and stay in the picture', () => {
    assert.deepEqual(expandBox([10.5, 10.5, 20, 10], { share: 0.1, minPixels: 0 }, size), [8, 9, 25, 13]);
    assert.deepEqual(expandBox([0, 0, 100, 50], { share: 1, minPixels: 9 }, size), [0, 0, 100, 50]);
  });

  it('grow by the least number of pixels when the share is less', () => {
    const grown: Box = expandBox([40, 20, 2, 2], { share: 0.1, minPixels: 4 }, size);
    assert.deepEqual(grown, [36, 16, 10, 10]);
  });

  it('scale with the picture', () => {
    assert.deepEqual(scaleBox([1, 2, 3, 4], 2, 3), [2, 6, 6, 12]);
  });
});
