import assert from 'node:assert/strict';
import { Alarm } from './alarm.ts';

describe('Alarm', () => {
  const never = new AbortController().signal;

  it('wakes everybody who sleeps', async () => {
    const alarm = new Alarm();
    const sleepers = [alarm.wait(undefined, never), alarm.wait(undefined, never)];
    alarm.ring();
    await Promise.all(sleepers);
  });

  it('remembers a ring that nobody heard, once', async () => {
    const alarm = new Alarm();
    alarm.ring();
    alarm.ring();
    await alarm.wait(undefined, never);
    const order: string[] = [];
    const second = alarm.wait(undefined, never).then(() => order.push('woken'));
    await Promise.resolve();
    order.push('asleep');
    alarm.ring();
    await second;
    assert.deepEqual(order, ['asleep', 'woken']);
  });

  it('ends a sleep by itself', async () => {
    await new Alarm().wait(1, never);
  });

  it('ends a sleep when the signal is aborted', async () => {
    const stop = new AbortController();
    const asleep = new Alarm().wait(undefined, stop.signal);
    stop.abort();
    await asleep;
    await new Alarm().wait(undefined, stop.signal);
  });
});
