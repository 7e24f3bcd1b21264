import assert from 'node:assert/strict';
import type { Box, Detection } from '@edgeveil/contracts';
import { headsWithoutFaces } from './heads-without-faces.ts';

const found = (label: string, box: Box): Detection => ({ label, score: 0.5, box });

describe('headsWithoutFaces', () => {
  it('gives the upper part of a person in whom no face was found', () => {
    assert.deepEqual(headsWithoutFaces([found('person', [100, 50, 60, 300])]), [
      { label: 'head', score: 0.5, box: [100, 50, 60, 90] },
    ]);
  });

  it('takes the width as the measure for a person who is seen in part', () => {
    assert.deepEqual(headsWithoutFaces([found('person', [100, 50, 100, 120])])[0]?.box, [100, 50, 100, 90]);
    assert.deepEqual(headsWithoutFaces([found('person', [100, 50, 100, 40])])[0]?.box, [100, 50, 100, 40]);
  });

  it('gives nothing for a person with a face', () => {
    assert.deepEqual(headsWithoutFaces([found('person', [100, 50, 60, 300]), found('face', [115, 60, 30, 35])]), []);
  });

  it('does not count a face elsewhere', () => {
    const feet = found('face', [115, 300, 30, 35]);
    assert.equal(headsWithoutFaces([found('person', [100, 50, 60, 300]), feet]).length, 1);
  });

  it('counts one face for one person only, the nearer one', () => {
    const near = found('person', [100, 50, 80, 300]);
    const other = found('person', [130, 50, 80, 300]);
    const heads = headsWithoutFaces([other, near, found('face', [125, 60, 30, 35])]);
    assert.deepEqual(
      heads.map(({ box }) => box[0]),
      [130],
    );
  });

  it('gives nothing where there is nobody', () => {
    assert.deepEqual(headsWithoutFaces([found('face', [1, 2, 3, 4]), found('plate', [1, 2, 3, 4])]), []);
  });
});
