import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inferenceTwinSchema } from '@edgeveil/contracts';
import { Detector } from './detector.ts';
import { readModelPackage } from './locate-model.ts';
import { ModelSlot } from './model-slot.ts';
import { writeTinyPackage } from './testing/tiny-model.ts';

describe('ModelSlot', () => {
  let dir: string;
  let told: string[];
  let slot: ModelSlot;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-slot-'));
    told = [];
    slot = new ModelSlot(inferenceTwinSchema.parse({}), {
      open: async () => Detector.open({ model: await readModelPackage(join(dir, 'model')) }),
      onChange: ({ detector, failure }) => void told.push(failure?.code ?? detector?.identity.name ?? ''),
    });
  });
  afterEach(async () => {
    await slot.close();
    await rm(dir, { recursive: true });
  });

  it('tells the same failure once, however often it tries', async () => {
    await slot.reload();
    await slot.retry();
    await slot.retry();
    assert.deepEqual(told, ['MODEL_NOT_FOUND']);
    assert.equal(slot.detector, undefined);
  });

  it('takes a package into use that has been put right in the meantime', async () => {
    await slot.reload();
    await writeTinyPackage(join(dir, 'model'));
    await slot.retry();
    assert.deepEqual(told, ['MODEL_NOT_FOUND', slot.detector?.identity.name]);
  });

  it('leaves a model alone that works', async () => {
    await writeTinyPackage(join(dir, 'model'));
    await slot.reload();
    const { detector } = slot;
    await slot.retry();
    assert.equal(slot.detector, detector);
    assert.equal(told.length, 1);
  });
});
