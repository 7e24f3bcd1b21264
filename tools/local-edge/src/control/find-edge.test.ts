import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stateDirs } from './find-edge.ts';

describe('stateDirs', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'find-edge-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('takes the folder that is named, relative to the working folder', () => {
    assert.deepEqual(stateDirs(dir, 'site'), [join(dir, 'site')]);
    assert.deepEqual(stateDirs(dir, '/elsewhere'), ['/elsewhere']);
  });

  it('finds the nearest folder above that has one', async () => {
    const [inner, outer] = [join(dir, 'a', '.edgeveil', 'run'), join(dir, '.edgeveil', 'run')];
    await mkdir(inner, { recursive: true });
    await mkdir(outer, { recursive: true });
    await mkdir(join(dir, 'a', 'b', 'c'), { recursive: true });
    assert.deepEqual(stateDirs(join(dir, 'a', 'b', 'c')), [inner]);
    assert.deepEqual(stateDirs(dir), [outer]);
  });

  it('looks at what run and start have left, in this order', async () => {
    for (const name of ['run', 'start/edge']) await mkdir(join(dir, '.edgeveil', name), { recursive: true });
    assert.deepEqual(stateDirs(dir), [join(dir, '.edgeveil', 'run'), join(dir, '.edgeveil', 'start', 'edge')]);
  });

  it('names the usual folder when there is none', () => {
    assert.deepEqual(stateDirs(dir), [join(dir, '.edgeveil', 'run')]);
  });
});
