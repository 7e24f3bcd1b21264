import assert from 'node:assert/strict';
import type { Box } from '@edgeveil/contracts';
import { face, policyOf } from './test-scenes.ts';
import { verifyCoverage } from './verify-coverage.ts';

function verify(box: Box, masks: readonly Box[], label = 'face'): void {
  verifyCoverage({
    detections: [face(box)],
    policy: policyOf(),
    masks: masks.map((mask) => ({ label, box: mask })),
    width: 100,
    height: 80,
  });
}

describe('verifyCoverage', () => {
  it('accepts a box inside a mask, and one whose part in the picture is', () => {
    verify([10, 10, 20, 20], [[8, 8, 24, 24]]);
    verify([90, 70, 50, 50], [[88, 64, 12, 16]]);
    verify([-9, -9, 10, 10], [[0, 0, 8, 8]]);
  });

  it('accepts a box that is nowhere in the picture', () => {
    verify([100, 0, 10, 10], []);
  });

  it('refuses a box that no one mask covers, by as little as a part of a pixel', () => {
    const refused = { name: 'RejectedError', code: 'REDACTION_INCOMPLETE' };
    assert.throws(() => verify([10, 10, 20, 20], []), refused);
    assert.throws(() => verify([10, 10, 20.1, 20], [[8, 8, 22, 24]]), refused);
    assert.throws(() => verify([7.9, 10, 2, 2], [[8, 8, 24, 24]]), refused);
    assert.throws(() => verify([10, 10, 20, 20], [[8, 8, 24, 24]], 'plate'), refused);
    assert.throws(() => verify([Number.NaN, 10, 20, 20], [[8, 8, 24, 24]]), refused);
  });
});
