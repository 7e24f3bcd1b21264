import assert from 'node:assert/strict';
import { within } from './within.ts';

const never = new Promise<void>(() => {});

describe('within', () => {
  it('passes on what the promise gives', async () => {
    assert.equal(await within(Promise.resolve(5), { timeoutMs: 1000, what: 'x' }), 5);
    await assert.rejects(within(Promise.reject(new RangeError('no')), { timeoutMs: 1000, what: 'x' }), RangeError);
  });

  it('gives up after the time and when aborted', async () => {
    await assert.rejects(within(never, { timeoutMs: 1, what: 'the read' }), { code: 'TIMEOUT', message: /the read/ });
    const stop = new AbortController();
    const waiting = within(never, { timeoutMs: 1_000_000, what: 'x', signal: stop.signal });
    stop.abort();
    await assert.rejects(waiting, { code: 'ABORTED' });
    await assert.rejects(within(never, { timeoutMs: 1_000_000, what: 'x', signal: stop.signal }), { code: 'ABORTED' });
  });
});
