import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import { testData } from '../../../../test/test-data.ts';
import { parseHubConfig } from './hub-config.ts';
import { joinChunks } from './join-chunks.ts';
import { loadDeployment } from './load-deployment.ts';

interface Vector {
  readonly from: string;
  readonly desired?: object;
  readonly desiredText?: string;
  readonly expected: 'ok' | { error: string } | { routes: Record<string, object>; timeToLiveSecs?: number };
}

describe('parseHubConfig', () => {
  it('agrees with edgeHub on its own test cases', async function () {
    const vectors: Vector[] = JSON.parse(readFileSync(testData(this, 'vectors/config.json'), 'utf8'));
    assert.equal(vectors.length, 12);
    for (const { from, desired, desiredText, expected } of vectors) {
      if (desired === undefined) {
        await refuseText(desiredText ?? '', from);
        continue;
      }
      if (expected === 'ok') parseHubConfig(desired);
      else if ('error' in expected) assert.throws(() => parseHubConfig(desired), ConfigError, from);
      else {
        const { routes, timeToLiveSecs } = parseHubConfig(desired);
        const byName = Object.fromEntries(routes.map(({ name, text, ...rest }) => [name, { route: text, ...rest }]));
        assert.deepEqual(byName, expected.routes, from);
        if (expected.timeToLiveSecs !== undefined) assert.equal(timeToLiveSecs, expected.timeToLiveSecs, from);
      }
    }
  });

  // What is no JSON: as part of a manifest's file, which is how it gets here.
  async function refuseText(text: string, from: string): Promise<void> {
    const dir = await mkdtemp(join(tmpdir(), 'hub-config-'));
    try {
      const path = join(dir, 'deployment.json');
      const agent = '{"properties.desired":{"schemaVersion":"1.1"}}';
      await writeFile(path, `{"modulesContent":{"$edgeAgent":${agent},"$edgeHub":{"properties.desired":${text}}}}`);
      await assert.rejects(loadDeployment(path, {}), ConfigError, from);
    } finally {
      await rm(dir, { recursive: true });
    }
  }

  it('skips empty and removed routes of schema 1.0', () => {
    const { routes } = parseHubConfig({
      schemaVersion: '1.0',
      routes: { a: '', b: null, c: 'FROM /* INTO $upstream' },
    });
    assert.deepEqual(
      routes.map(({ name }) => name),
      ['c'],
    );
  });

  it('refuses priorities beyond 9, bad names and a document that is none', () => {
    const desired = (routes: object) => ({
      schemaVersion: '1.1',
      routes,
      storeAndForwardConfiguration: { timeToLiveSecs: 1 },
    });
    for (const value of [
      desired({ r: { route: 'FROM /* INTO $upstream', priority: 10 } }),
      desired({ 'r.1': 'FROM /* INTO $upstream' }),
      undefined,
      [],
      'text',
    ]) {
      assert.throws(
        () => parseHubConfig(value),
        (error) => error instanceof ConfigError && error.code === 'EDGE_MANIFEST_INVALID',
      );
    }
  });
});

describe('joinChunks', () => {
  it('agrees with edgeAgent on its own test cases', function () {
    const vectors: { field: string; object: Record<string, string>; ignoreCase: boolean; expected: string | object }[] =
      JSON.parse(readFileSync(testData(this, 'vectors/chunked-createoptions.json'), 'utf8'));
    assert.equal(vectors.length, 4);
    for (const { field, object, ignoreCase, expected } of vectors) {
      if (typeof expected === 'string') assert.equal(joinChunks(object, field, { ignoreCase }), expected);
      else assert.throws(() => joinChunks(object, field, { ignoreCase }), ConfigError);
    }
  });

  it('refuses a gap', () => {
    assert.throws(() => joinChunks({ a: '1', a01: '2', a03: '3' }, 'a'), /part 02 is missing/);
  });
});
