import assert from 'node:assert/strict';
import { planSessions } from './plan-sessions.ts';

describe('planSessions', () => {
  it('gives each core a session with one thread, and many cores more threads', () => {
    const plans = [1, 2, 4, 8, 16, 24].map((cores) => planSessions(cores, { sessions: 0, threads: 0 }));
    assert.deepEqual(
      plans.map(({ sessions, threads }) => [sessions, threads]),
      [
        [1, 1],
        [2, 1],
        [4, 1],
        [8, 1],
        [8, 2],
        [8, 3],
      ],
    );
  });

  it('keeps to what is asked for', () => {
    assert.deepEqual(planSessions(8, { sessions: 1, threads: 0 }), { sessions: 1, threads: 8 });
    assert.deepEqual(planSessions(8, { sessions: 0, threads: 4 }), { sessions: 2, threads: 4 });
    assert.deepEqual(planSessions(2, { sessions: 0, threads: 4 }), { sessions: 1, threads: 4 });
    assert.deepEqual(planSessions(2, { sessions: 5, threads: 3 }), { sessions: 5, threads: 3 });
    assert.deepEqual(planSessions(2, { sessions: 5, threads: 0 }), { sessions: 5, threads: 1 });
  });
});
