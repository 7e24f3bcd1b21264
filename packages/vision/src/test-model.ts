import type { ModelPackage } from './model-package.ts';

/** A package as `model.json` would give it, for tests. */
export const TEST_MODEL: ModelPackage = {
  name: 'test',
  version: '1',
  tags: [],
  task: 'detection',
  sha256: 'a'.repeat(64),
  licence: 'MIT',
  input: {
    name: 'images',
    width: 64,
    height: 64,
    type: 'float32',
    layout: 'nchw',
    channels: 'rgb',
    scale: 1 / 255,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    resize: 'letterbox',
    anchor: 'centre',
    pad: 114,
  },
  decoder: 'yolov8',
  labels: ['person', 'face'],
  thresholds: { score: 0.25, nms: 0.5, perLabel: { face: 0.1 } },
};
