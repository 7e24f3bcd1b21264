import assert from 'node:assert/strict';
import type { CascadeDetection, StageResult } from '@edgeveil/contracts';
import { countedLabels, receiptDetection, receiptStages } from './leaving-attributes.ts';

const MODEL = { name: 'some', version: '1', sha256: 'a'.repeat(64) };
const PERSON: CascadeDetection = {
  label: 'person',
  score: 0.9,
  box: [0, 0, 10, 20],
  stage: 'people',
  parent: 0,
  attributes: [
    { stage: 'helmet', label: 'missing', score: 0.8 },
    { stage: 'badge', label: 'SMITH', score: 0.7 },
  ],
  embeddings: [{ stage: 'same', values: 'AAAA' }],
};
const STAGES: readonly StageResult[] = [
  { name: 'people', yields: 'detections', model: MODEL, isDone: true },
  { name: 'helmet', yields: 'classification', model: MODEL, isDone: true },
  { name: 'badge', yields: 'text', model: MODEL, isDone: true },
  { name: 'same', yields: 'embedding', model: MODEL, isDone: true },
];
const ALL = { attributes: ['people', 'helmet', 'badge', 'same'] };

describe('what leaves of a cascade', () => {
  it('is nothing but label, score and box when the policy names no stage', () => {
    assert.deepEqual(receiptDetection(PERSON, {}), { label: 'person', score: 0.9, box: [0, 0, 10, 20] });
    assert.deepEqual(countedLabels([PERSON], STAGES, {}), [{ label: 'person' }]);
    assert.deepEqual(receiptStages(STAGES, {}), [{ name: 'people', model: MODEL }]);
  });

  it('is the class of a stage that the policy names, also as a count', () => {
    const policy = { attributes: ['helmet'] };
    assert.deepEqual(receiptDetection(PERSON, policy).attributes, [{ stage: 'helmet', label: 'missing', score: 0.8 }]);
    assert.deepEqual(countedLabels([PERSON], STAGES, policy), [{ label: 'person' }, { label: 'helmet:missing' }]);
  });

  it('is never an embedding, and a text never a count', () => {
    assert.doesNotMatch(JSON.stringify(receiptDetection(PERSON, ALL)), /AAAA|same|embedding/);
    assert.doesNotMatch(JSON.stringify(countedLabels([PERSON], STAGES, ALL)), /SMITH/);
    assert.deepEqual(
      receiptStages(STAGES, ALL).map(({ name }) => name),
      ['people', 'helmet', 'badge'],
    );
  });
});
