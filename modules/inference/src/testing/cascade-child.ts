import process from 'node:process';
import { inferenceTwinSchema } from '@edgeveil/contracts';
import { createFakeContext } from '@edgeveil/module-kit/testing';
import { inference } from '../inference.ts';
import { testEnvironment } from './test-environment.ts';

/** The module with a cascade in a process of its own, for tests that kill it: prints the id of each frame once it is announced. */
const [, , dir = ''] = process.argv;
const twin = inferenceTwinSchema.parse({
  model: { package: 'people' },
  executionProviders: ['cpu'],
  maxBatch: 4,
  sweepSeconds: 0.2,
  cascade: {
    faces: { labels: ['person'], yields: 'detections', model: { package: 'faces' }, margin: 0.5, minSize: 8 },
  },
});
const { context } = createFakeContext({
  twin,
  stateDir: dir,
  moduleId: 'inference',
  environment: testEnvironment(dir),
  onSend: (name, item) => {
    if (name === 'detections') {
      process.stdout.write(`${JSON.stringify(item)}\n`);
    }
  },
});
await inference.start(context);
