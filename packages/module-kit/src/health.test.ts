import assert from 'node:assert/strict';
import { Health } from './health.ts';

describe('Health', () => {
  it('is ready when every gate is open and names those that are not', () => {
    const health = new Health();
    health.setReady('hub', false, 'refused');
    health.setReady('model', true);
    assert.deepEqual(health.readiness(), { isOk: false, reasons: { hub: 'refused' } });
    health.setReady('hub', true);
    assert.deepEqual(health.readiness(), { isOk: true, reasons: {} });
  });

  it('lives while every loop beats in time', () => {
    let now = 0;
    const health = new Health(() => now);
    const loop = health.watch('sweep', 1000);
    now = 1000;
    assert.equal(health.liveness().isOk, true);
    now = 1001;
    assert.deepEqual(Object.keys(health.liveness().reasons), ['sweep']);
    loop.beat();
    assert.equal(health.liveness().isOk, true);
    now = 9000;
    loop.stop();
    assert.equal(health.liveness().isOk, true);
  });

  it('keeps watching the newer of two loops of one name', () => {
    let now = 0;
    const health = new Health(() => now);
    const old = health.watch('sweep', 10);
    health.watch('sweep', 10);
    old.stop();
    now = 11;
    assert.equal(health.liveness().isOk, false);
  });
});
