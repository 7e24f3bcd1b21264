import assert from 'node:assert/strict';
import { ingestTwinSchema } from '@edgeveil/contracts';
import { SourceSet } from './source-set.ts';

function sourcesOf(sources: Record<string, unknown>) {
  return ingestTwinSchema.parse({ sources }).sources;
}

describe('SourceSet', () => {
  const log: string[] = [];
  const crashes: unknown[] = [];
  beforeEach(() => {
    log.length = 0;
    crashes.length = 0;
  });

  const create = () =>
    new SourceSet({
      create: (name, config) => ({
        run: async (signal) => {
          log.push(`start ${name} ${config.path}`);
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          await Promise.resolve();
          log.push(`stop ${name} ${config.path}`);
        },
      }),
      crash: (error) => crashes.push(error),
      onStopped: (name) => log.push(`gone ${name}`),
    });

  it('starts, stops and replaces sources without touching the others', async () => {
    const set = create();
    const kept = { type: 'loop', path: 'kept' };
    await set.apply(sourcesOf({ kept, changed: { type: 'loop', path: 'a' }, removed: { type: 'loop', path: 'r' } }));
    log.length = 0;
    await set.apply(sourcesOf({ added: { type: 'loop', path: 'n' }, changed: { type: 'loop', path: 'b' }, kept }));
    assert.deepEqual([...log].sort(), [
      'gone removed',
      'start added n',
      'start changed b',
      'stop changed a',
      'stop removed r',
    ]);
    assert.ok(log.indexOf('stop changed a') < log.indexOf('start changed b'));
    await set.stop();
    assert.ok(log.includes('stop kept kept'));
    assert.deepEqual(crashes, []);
  });

  it('passes on a source’s bug', async () => {
    const bug = new Error('bug');
    const set = new SourceSet({ create: () => ({ run: () => Promise.reject(bug) }), crash: (e) => crashes.push(e) });
    await set.apply(sourcesOf({ a: { type: 'loop', path: 'a' } }));
    await set.stop();
    assert.deepEqual(crashes, [bug]);
  });
});
