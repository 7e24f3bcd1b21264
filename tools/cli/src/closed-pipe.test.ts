import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LocalEdge, startLocalEdge } from '@edgeveil/local-edge';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

const manifest = {
  modulesContent: {
    $edgeAgent: {
      'properties.desired': {
        schemaVersion: '1.1',
        modules: { sensor: { type: 'docker', status: 'running', settings: { image: 'local/sensor:1' } } },
      },
    },
    $edgeHub: {
      'properties.desired': {
        schemaVersion: '1.1',
        routes: { up: 'FROM /messages/* INTO $upstream' },
        storeAndForwardConfiguration: { timeToLiveSecs: 7200 },
      },
    },
  },
};

describe('a command whose reader has gone', () => {
  let stateDir: string;
  let edge: LocalEdge;

  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'closed-pipe-'));
    edge = await startLocalEdge({ manifest, stateDir, only: [], control: true });
  });

  afterEach(async () => {
    await edge.stop();
    await rm(stateDir, { recursive: true, force: true });
  });

  it('ends by itself and without complaint, though messages go on', async () => {
    const monitor = spawn(process.execPath, [main, 'monitor', '--state', stateDir], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let errors = '';
    monitor.stderr.on('data', (chunk) => {
      errors += String(chunk);
    });
    const ended = once(monitor, 'exit');
    const talking = setInterval(() => void edge.sendAs('sensor', 'out', { body: 'x' }), 20);
    try {
      await once(monitor.stdout, 'data');
      monitor.stdout.destroy();
      assert.deepEqual(await ended, [0, null]);
      assert.equal(errors, '');
    } finally {
      clearInterval(talking);
      monitor.kill('SIGKILL');
    }
  });
});
