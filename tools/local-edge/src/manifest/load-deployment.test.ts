import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDeployment } from './load-deployment.ts';

const manifestOf = (sensor: object, priority = 1) => ({
  modulesContent: {
    $edgeAgent: {
      'properties.desired': {
        schemaVersion: '1.1',
        modules: { sensor: { type: 'docker', settings: { image: 'local/sensor:1' }, ...sensor } },
      },
    },
    $edgeHub: {
      'properties.desired': {
        schemaVersion: '1.1',
        routes: { up: { route: 'FROM /* INTO $upstream', priority } },
        storeAndForwardConfiguration: { timeToLiveSecs: 7200 },
      },
    },
  },
});

describe('loadDeployment', () => {
  const refusals: readonly (readonly [object, RegExp])[] = [
    [{ status: 'sleeping' }, /module 'sensor': status: .*"running"\|"stopped", not "sleeping"$/],
    [{ startupOrder: -1 }, /module 'sensor': startupOrder: .*, not -1$/],
    [{ env: { 'A B': { value: 1 } } }, /module 'sensor': env\["A B"\]: not the name of a variable$/],
    [{ env: { X: { value: null } } }, /module 'sensor': env\.X\.value: .*, not null$/],
    [{ settings: {} }, /module 'sensor': settings\.image: [^\n]*received undefined$/],
    [
      { settings: { image: 'a', createOptions: '{', createOptions02: '}' } },
      /^the create options of module 'sensor' are invalid: .*part 01 is missing$/,
    ],
  ];
  for (const [sensor, message] of refusals) {
    it(`names the thing and the value: ${JSON.stringify(sensor)}`, async () => {
      await assert.rejects(loadDeployment(manifestOf(sensor), {}), { code: 'EDGE_MANIFEST_INVALID', message });
    });
  }

  it('refuses a file that is nested too deeply, rather than run out of stack', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'load-deployment-'));
    try {
      const path = join(dir, 'deployment.json');
      await writeFile(path, `{"modulesContent": ${'{"a":'.repeat(100_000)}1${'}'.repeat(100_001)}`);
      await assert.rejects(loadDeployment(path, {}), {
        code: 'EDGE_MANIFEST_UNREADABLE',
        message: `the manifest ${path} is nested deeper than 200`,
      });
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});
