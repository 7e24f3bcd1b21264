import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import { FakeHub } from './testing/fake-hub.ts';
import { ModuleBench, recordModule, toyEvent } from './testing/module-bench.ts';

describe('runModule: the twin', () => {
  let bench: ModuleBench;

  beforeEach(async () => {
    bench = await ModuleBench.open();
  });
  afterEach(() => bench.close());

  it('applies a changed twin, and keeps the last good one when a bad one comes', async () => {
    const toy = recordModule();
    void bench.run(toy.definition);
    await bench.untilTwin('applied', 1);
    bench.hub.patchDesired({ pace: 5 });
    await bench.untilTwin('applied', 2);
    bench.hub.patchDesired({ pace: 'fast', other: null });
    await bench.untilTwin('refused', 3);
    assert.deepEqual(
      toy.applied.map(({ pace }) => pace),
      [1, 5],
    );
    assert.deepEqual(bench.twinReport, {
      version: 3,
      status: 'refused',
      errors: [{ path: 'pace', message: 'Invalid input: expected number, received string', value: '"fast"' }],
    });
    bench.hub.patchDesired({ pace: 6 });
    await bench.untilTwin('applied', 4);
    assert.deepEqual(bench.twinReport, { version: 4, status: 'applied' });
  });

  it('reports a twin that the module refuses with its code and goes on', async () => {
    const toy = recordModule({
      apply: async ({ pace }) => {
        throw new ConfigError('PACE_UNKNOWN', `no pace ${pace}`, { details: { path: 'pace' } });
      },
    });
    void bench.run(toy.definition);
    await bench.untilTwin('applied', 1);
    bench.hub.patchDesired({ pace: 9 });
    await bench.untilTwin('refused', 2);
    assert.deepEqual(bench.twinReport, {
      version: 2,
      status: 'refused',
      errors: [{ path: 'pace', message: 'PACE_UNKNOWN: no pace 9' }],
    });
  });

  it('reads the twin again after a reconnect, because a patch may have been missed', async () => {
    const toy = recordModule();
    void bench.run(toy.definition);
    await bench.untilTwin('applied', 1);
    bench.hub.patchDesired({ pace: 7 }, { isLost: true });
    bench.hub.drop();
    await bench.untilTwin('applied', 2);
    assert.equal(toy.applied.at(-1)?.pace, 7);
    assert.equal(bench.hub.connections, 2);
  });

  it('reads the whole twin when patches are missing between the known and the new one', async () => {
    const toy = recordModule();
    void bench.run(toy.definition);
    await bench.untilTwin('applied', 1);
    bench.hub.patchDesired({ pace: 7 }, { isLost: true });
    bench.hub.patchDesired({ logLevel: 'debug' });
    await bench.untilTwin('applied', 3);
    assert.deepEqual(toy.applied.at(-1), { logLevel: 'debug', pace: 7 });
  });

  it('starts with the last good twin when no hub is in reach, and sends what waited when it comes', async () => {
    await writeFile(join(bench.stateDir, 'last-good-twin.json'), JSON.stringify({ version: 4, desired: { pace: 3 } }));
    bench.hub.isReachable = false;
    const started = Promise.withResolvers<void>();
    const toy = recordModule({}, () => started.resolve());
    void bench.run(toy.definition);
    await started.promise;
    assert.equal(toy.applied[0]?.pace, 3);
    const sent = toy.context?.output('events').send(toyEvent('OFFLINE'));
    bench.hub.isReachable = true;
    await sent;
    assert.deepEqual(bench.hub.sent[0]?.body, { events: [toyEvent('OFFLINE')] });
    await bench.untilTwin('applied', 1);
  });

  it('waits for a valid twin when there is none on disk', async () => {
    bench.hub = new FakeHub({ desired: { pace: -1 } });
    const toy = recordModule();
    void bench.run(toy.definition);
    await bench.untilTwin('refused', 1);
    assert.deepEqual(toy.steps, []);
    const response = await bench.get('/readyz');
    assert.equal(response.status, 503);
    assert.match(await response.text(), /no valid twin yet/);
    bench.hub.patchDesired({ pace: 2 });
    await bench.untilTwin('applied', 2);
    assert.deepEqual(toy.steps, ['start']);
  });

  it('falls back to the last good twin when the module cannot start with the new one', async () => {
    await writeFile(join(bench.stateDir, 'last-good-twin.json'), JSON.stringify({ version: 1, desired: { pace: 3 } }));
    bench.hub = new FakeHub({ desired: { pace: 8 } });
    const toy = recordModule({}, ({ pace }) => {
      if (pace === 8) throw new ConfigError('PACE_UNKNOWN', 'no pace 8');
    });
    void bench.run(toy.definition, { twinGraceMs: 5_000 });
    await bench.hub.until(() => JSON.stringify(bench.twinReport)?.includes('refused') === true);
    bench.hub.patchDesired({ pace: 4 });
    await bench.untilTwin('applied', 2);
    assert.deepEqual(
      toy.applied.map(({ pace }) => pace),
      [3, 4],
    );
  });

  it('keeps only good twins on disk', async () => {
    void bench.run(recordModule().definition);
    await bench.untilTwin('applied', 1);
    bench.hub.patchDesired({ pace: 5 });
    await bench.untilTwin('applied', 2);
    bench.hub.patchDesired({ pace: 'x' });
    await bench.untilTwin('refused', 3);
    bench.process.emit('SIGTERM');
    await bench.running;
    const kept: unknown = JSON.parse(await readFile(join(bench.stateDir, 'last-good-twin.json'), 'utf8'));
    assert.deepEqual(kept, { version: 2, desired: { pace: 5 } });
  });

  it('waits for another twin when the module names the property that it cannot start with', async () => {
    bench.hub = new FakeHub({ desired: { pace: 8 } });
    const toy = recordModule({}, ({ pace }) => {
      if (pace === 8) throw new ConfigError('PACE_UNKNOWN', 'no pace 8', { details: { path: 'pace' } });
    });
    void bench.run(toy.definition);
    await bench.untilTwin('refused', 1);
    bench.hub.patchDesired({ pace: 4 });
    await bench.untilTwin('applied', 2);
    assert.deepEqual(toy.steps, ['start']);
  });
});
