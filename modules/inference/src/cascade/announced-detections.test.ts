import assert from 'node:assert/strict';
import { type FrameDetections, inferenceTwinSchema, type StageConfig } from '@edgeveil/contracts';
import { announcedDetections } from './announced-detections.ts';

const MODEL = { name: 'some', version: '1', sha256: 'a'.repeat(64) };
const RESULT: FrameDetections = {
  frame: {
    id: `${'0'.repeat(9)}-${'a'.repeat(24)}`,
    source: 'gate',
    guarantee: 'guaranteed',
    capturedAt: '2026-01-31T10:00:00.000Z',
    format: 'jpeg',
    width: 64,
    height: 64,
    bytes: 1,
    sha256: 'a'.repeat(64),
  },
  model: MODEL,
  labels: ['person'],
  detections: [
    {
      label: 'person',
      score: 0.9,
      box: [0, 0, 8, 8],
      attributes: [
        { stage: 'helmet', label: 'missing', score: 0.8 },
        { stage: 'badge', label: 'SMITH', score: 0.7 },
      ],
      embeddings: [{ stage: 'same', values: 'AAAA' }],
    },
  ],
  stages: [
    { name: 'helmet', yields: 'classification', model: MODEL, isDone: true },
    { name: 'badge', yields: 'text', model: MODEL, isDone: true },
    { name: 'same', yields: 'embedding', model: MODEL, isDone: true },
  ],
  inferredAt: '2026-01-31T10:00:00.000Z',
};

function stages(announce?: boolean) {
  const stage = (yields: StageConfig['yields']) => ({ labels: ['person'], yields, model: { package: 'x' }, announce });
  const cascade = { helmet: stage('classification'), badge: stage('text'), same: stage('embedding') };
  return inferenceTwinSchema.parse({ cascade }).cascade;
}

describe('announcedDetections', () => {
  it('leaves out texts and features, and keeps classes', () => {
    const [detection] = announcedDetections(RESULT, stages()).detections;
    assert.deepEqual(detection, {
      label: 'person',
      score: 0.9,
      box: [0, 0, 8, 8],
      attributes: [{ stage: 'helmet', label: 'missing', score: 0.8 }],
    });
  });

  it('says all, or nothing, where the twin wants that', () => {
    assert.deepEqual(announcedDetections(RESULT, stages(true)), RESULT);
    assert.doesNotMatch(JSON.stringify(announcedDetections(RESULT, stages(false)).detections), /helmet|SMITH|AAAA/);
  });

  it('leaves out what a stage said that the twin no longer has', () => {
    assert.doesNotMatch(JSON.stringify(announcedDetections(RESULT, {}).detections), /helmet|SMITH|AAAA/);
  });
});
