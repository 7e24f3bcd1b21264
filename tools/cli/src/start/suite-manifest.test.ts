import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSuiteManifest } from './suite-manifest.ts';

describe('readSuiteManifest', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-manifest-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('lays properties over those of the template and leaves the others', async () => {
    const path = join(dir, 'a.json');
    const content = { $edgeHub: {}, ingest: { 'properties.desired': { logLevel: 'warn', sources: { a: {} } } } };
    await writeFile(path, JSON.stringify({ modulesContent: content }));
    assert.deepEqual(await readSuiteManifest(path, { ingest: { sources: { b: {} } }, redact: { policy: {} } }), {
      modulesContent: {
        $edgeHub: {},
        ingest: { 'properties.desired': { logLevel: 'warn', sources: { b: {} } } },
        redact: { 'properties.desired': { policy: {} } },
      },
    });
  });

  it('refuses a file that is no deployment', async () => {
    const path = join(dir, 'a.json');
    await writeFile(path, '{}');
    await assert.rejects(readSuiteManifest(path, {}), { code: 'MANIFEST_INVALID' });
  });
});
