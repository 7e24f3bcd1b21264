import assert from 'node:assert/strict';
import { type IngestTwin, ingestTwinSchema } from '@edgeveil/contracts';
import { checkSources } from './check-sources.ts';

function sourcesOf(sources: Record<string, unknown>): IngestTwin['sources'] {
  return ingestTwinSchema.parse({ sources }).sources;
}

describe('checkSources', () => {
  it('accepts sources beside each other, and a loop over a folder that another takes', () => {
    checkSources(
      sourcesOf({
        a: { type: 'folder', path: 'in/a' },
        ab: { type: 'folder', path: 'in/ab' },
        loop: { type: 'loop', path: 'in/a' },
        top: { type: 'folder', path: 'in', recursive: false },
      }),
    );
  });

  it('refuses two that would take each other’s files, and names the path', () => {
    for (const [outer, inner] of [
      ['in', 'in/a'],
      ['in', './in//'],
      ['.', 'in/a'],
    ]) {
      const sources = sourcesOf({ outer: { type: 'folder', path: outer }, inner: { type: 'folder', path: inner } });
      assert.throws(
        () => checkSources(sources),
        (error: Error & { code?: string; details?: { path?: string } }) => {
          assert.deepEqual([error.name, error.code], ['ConfigError', 'SOURCES_OVERLAP']);
          return error.details?.path?.startsWith('sources.') === true;
        },
      );
    }
  });
});
