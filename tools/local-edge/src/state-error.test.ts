import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalEdge } from './start-local-edge.ts';
import { stateError } from './state-error.ts';

const manifest = {
  modulesContent: {
    $edgeAgent: { 'properties.desired': { schemaVersion: '1.1', modules: {} } },
    $edgeHub: {
      'properties.desired': { schemaVersion: '1.1', routes: {}, storeAndForwardConfiguration: { timeToLiveSecs: 60 } },
    },
  },
};

describe('stateError', () => {
  it('names the folder when an edge cannot start in it', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'state-error-'));
    try {
      await writeFile(join(dir, 'file'), '');
      const stateDir = join(dir, 'file', 'state');
      await assert.rejects(startLocalEdge({ manifest, stateDir }), {
        code: 'EDGE_STATE_UNUSABLE',
        message: new RegExp(`^the state folder ${stateDir} cannot be used: ENOTDIR`),
      });
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it('takes what the database says of its disk, and leaves all else alone', () => {
    const full = Object.assign(new Error('database or disk is full'), { errcode: 13 });
    assert.equal((stateError(full, '/s') as { code: string }).code, 'EDGE_STATE_UNUSABLE');
    const other = Object.assign(new Error('EACCES'), { code: 'EACCES', path: '/elsewhere' });
    assert.equal(stateError(other, '/s'), other);
  });
});
