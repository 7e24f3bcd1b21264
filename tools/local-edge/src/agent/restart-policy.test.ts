import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { testData } from '../../../../test/test-data.ts';
import type { RestartPolicy } from '../manifest/deployment.ts';
import type { RuntimeStatus } from './module-status.ts';
import { backOffMs, isRestartDue, statusUnderPolicy } from './restart-policy.ts';

interface Vectors {
  readonly maxRestartCount: number;
  readonly coolOffTimeUnitSecs: number;
  readonly computeStatus: {
    status: RuntimeStatus;
    restartPolicy: RestartPolicy;
    restartCount: number;
    expectedStatus: RuntimeStatus;
  }[];
  readonly apply: {
    status: RuntimeStatus;
    restartPolicy: RestartPolicy;
    restartCount: number;
    secondsSinceLastExit: number | null;
    restartNow: boolean;
  }[];
  readonly coolOff: { restartCount: number; coolOffSecs: number }[];
}

describe('restart policy', () => {
  it('agrees with edgeAgent on its own test cases', function () {
    const vectors: Vectors = JSON.parse(readFileSync(testData(this, 'vectors/restart-policy.json'), 'utf8'));
    const { computeStatus, apply, coolOff } = vectors;
    assert.deepEqual([computeStatus.length, apply.length, coolOff.length], [12, 25, 4]);
    const limits = {
      maxRestartCount: vectors.maxRestartCount,
      backOffUnitMs: vectors.coolOffTimeUnitSecs * 1000,
      maxBackOffMs: 300_000,
    };
    for (const { status, restartPolicy, restartCount, expectedStatus } of computeStatus) {
      assert.equal(statusUnderPolicy(status, restartPolicy, restartCount, limits), expectedStatus);
    }
    for (const vector of apply) {
      const { status, restartPolicy, restartCount, secondsSinceLastExit, restartNow } = vector;
      const ms = secondsSinceLastExit === null ? undefined : secondsSinceLastExit * 1000;
      assert.equal(isRestartDue(status, restartPolicy, restartCount, ms, limits), restartNow, JSON.stringify(vector));
    }
    for (const { restartCount, coolOffSecs } of coolOff) {
      assert.equal(backOffMs(restartCount, limits), coolOffSecs * 1000);
    }
  });

  it('gives up after 20 restarts and never waits longer than 5 minutes', () => {
    assert.equal(statusUnderPolicy('failed', 'always', 19), 'backoff');
    assert.equal(statusUnderPolicy('failed', 'always', 20), 'failed');
    assert.equal(backOffMs(0), 10_000);
    assert.equal(backOffMs(19), 300_000);
  });
});
