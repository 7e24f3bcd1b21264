import assert from 'node:assert/strict';
import { ConfigError } from '@edgeveil/contracts';
import { parseAgentConfig } from '../manifest/agent-config.ts';
import type { RestartPolicy } from '../manifest/deployment.ts';
import { ManagedModule } from './managed-module.ts';
import type { ModuleRun } from './module-run.ts';

/** A run that ends when it is told to. */
class FakeRun implements ModuleRun {
  readonly pid = undefined;
  isUnhealthy = false;
  readonly #end = Promise.withResolvers<number>();

  get exited(): Promise<number> {
    return this.#end.promise;
  }

  stop(): Promise<number> {
    this.#end.resolve(143);
    return this.exited;
  }

  async exit(code: number): Promise<void> {
    this.#end.resolve(code);
    await this.exited;
    await new Promise(setImmediate);
  }
}

describe('ManagedModule', () => {
  let now: number;
  let runs: FakeRun[];
  let launchError: Error | undefined;
  let removed: number;

  beforeEach(() => {
    now = 1_000_000;
    runs = [];
    launchError = undefined;
    removed = 0;
  });

  const spec = (restartPolicy: RestartPolicy, status = 'running') => {
    const [module] = parseAgentConfig({
      schemaVersion: '1.1',
      modules: { m: { type: 'docker', status, restartPolicy, settings: { image: 'i' } } },
    }).modules;
    assert.ok(module !== undefined);
    return module;
  };

  const managed = (restartPolicy: RestartPolicy = 'always') =>
    new ManagedModule({
      spec: spec(restartPolicy),
      runsAs: '',
      sourceFolder: undefined,
      launcher: {
        async launch() {
          if (launchError !== undefined) throw launchError;
          const run = new FakeRun();
          runs.push(run);
          return run;
        },
        async remove() {
          removed += 1;
        },
      },
      onLine: () => undefined,
      limits: { maxRestartCount: 3, backOffUnitMs: 10, maxBackOffMs: 100 },
      intensiveCareMs: 1000,
      stopGraceMs: 0,
      clock: () => now,
      onStatus: () => undefined,
    });

  it('restarts what runs and is unhealthy, by its policy', async () => {
    for (const [policy, restarts] of [
      ['always', true],
      ['on-unhealthy', true],
      ['on-failure', true],
      ['never', false],
    ] as const) {
      runs = [];
      const module = managed(policy);
      await module.reconcile();
      const [run] = runs;
      assert.ok(run !== undefined);
      run.isUnhealthy = true;
      await module.reconcile();
      assert.equal(runs.length, restarts ? 2 : 1, policy);
      assert.equal(module.status.restartCount, restarts ? 1 : 0);
      assert.equal(module.status.runtimeStatus, restarts ? 'running' : 'unhealthy');
      run.isUnhealthy = false;
      await module.reconcile();
      assert.equal(module.status.runtimeStatus, 'running');
    }
  });

  it('counts a start that fails as an end, and says why', async () => {
    const module = managed();
    launchError = new ConfigError('EDGE_IMAGE_MISSING', 'image i is not there');
    await assert.rejects(module.reconcile(), /image i is not there/);
    assert.equal(module.status.runtimeStatus, 'failed');
    assert.equal(module.status.statusDescription, 'image i is not there');
    await module.reconcile();
    assert.equal(module.status.runtimeStatus, 'backoff');
    launchError = undefined;
    now += 11;
    await module.reconcile();
    assert.equal(module.status.runtimeStatus, 'running');
    assert.equal(module.status.restartCount, 1);
  });

  it('does what is asked of it at the same time one after the other: never two runs', async () => {
    const module = managed();
    await Promise.all([module.reconcile(), module.restart(), module.restart(), module.reconcile()]);
    assert.equal(runs.length, 3);
    assert.equal(module.status.runtimeStatus, 'running');
    const ended = await Promise.all(runs.slice(0, 2).map((run) => Promise.race([run.exited, Promise.resolve('runs')])));
    assert.deepEqual(ended, [143, 143]);
  });

  it('starts no more once it is closed, and removes what is left when it is taken away', async () => {
    const module = managed();
    await module.reconcile();
    const removing = module.remove();
    const restarting = module.restart();
    await Promise.all([removing, restarting]);
    assert.equal(runs.length, 1);
    assert.equal(removed, 1);
    assert.equal(await runs[0]?.exited, 143);
  });

  it('starts again, whatever its policy, when it is wanted again', async () => {
    const module = managed('never');
    await module.reconcile();
    module.wantStatus(spec('never', 'stopped'));
    await module.reconcile();
    assert.equal(await runs[0]?.exited, 143);
    assert.deepEqual([module.status.runtimeStatus, module.status.exitCode], ['stopped', 143]);
    await module.reconcile();
    assert.equal(runs.length, 1);
    module.wantStatus(spec('never'));
    await module.reconcile();
    assert.equal(runs.length, 2);
    await runs[1]?.exit(0);
    await module.reconcile();
    assert.equal(module.status.runtimeStatus, 'stopped');
    assert.equal(runs.length, 2, 'it ended by itself');
  });
});
