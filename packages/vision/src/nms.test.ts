import assert from 'node:assert/strict';
import { MAX_CANDIDATES, suppressOverlaps } from './nms.ts';

describe('suppressOverlaps', () => {
  it('keeps the best of boxes that overlap, best first', () => {
    const kept = suppressOverlaps(
      [
        { label: 'face', score: 0.5, box: [0, 0, 10, 10] },
        { label: 'face', score: 0.9, box: [1, 0, 10, 10] },
        { label: 'face', score: 0.95, box: [50, 50, 10, 10] },
      ],
      0.5,
    );
    assert.deepEqual(
      kept.map(({ score }) => score),
      [0.95, 0.9],
    );
  });

  it('leaves boxes of other labels alone', () => {
    const box = [0, 0, 10, 10] as const;
    const kept = suppressOverlaps(
      [
        { label: 'person', score: 0.9, box },
        { label: 'face', score: 0.2, box },
      ],
      0.1,
    );
    assert.equal(kept.length, 2);
  });

  it('lets a suppressed box suppress nothing', () => {
    // A chain: the middle one goes because of the first, so the last one, which only it overlaps, stays.
    const kept = suppressOverlaps(
      [
        { label: 'face', score: 0.9, box: [0, 0, 10, 10] },
        { label: 'face', score: 0.8, box: [4, 0, 10, 10] },
        { label: 'face', score: 0.7, box: [8, 0, 10, 10] },
      ],
      0.3,
    );
    assert.deepEqual(
      kept.map(({ score }) => score),
      [0.9, 0.7],
    );
  });

  it('bounds its work when every cell is a candidate', () => {
    const candidates = Array.from({ length: MAX_CANDIDATES + 500 }, (_, index) => ({
      label: 'face',
      score: (index + 1) / (MAX_CANDIDATES + 500),
      box: [index * 20, 0, 10, 10] as const,
    }));
    const kept = suppressOverlaps(candidates, 0.5);
    assert.equal(kept.length, MAX_CANDIDATES);
    assert.equal(kept[0]?.score, 1);
  });
});
