import assert from 'node:assert/strict';
import { WakeUp } from './wake-up.ts';

describe('WakeUp', () => {
  const never = new AbortController().signal;

  it('keeps a wake-up that came while nobody waited, once', async () => {
    const wakeUp = new WakeUp();
    wakeUp.wake();
    wakeUp.wake();
    await wakeUp.wait(never);
    let isWoken = false;
    const waiting = wakeUp.wait(never).then(() => {
      isWoken = true;
    });
    await new Promise(setImmediate);
    assert.equal(isWoken, false);
    wakeUp.wake();
    await waiting;
  });

  it('ends when the signal aborts', async () => {
    await new WakeUp().wait(AbortSignal.abort());
    const stop = new AbortController();
    const waiting = new WakeUp().wait(stop.signal);
    stop.abort();
    await waiting;
  });
});
