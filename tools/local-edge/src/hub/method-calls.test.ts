import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { EdgeveilError } from '@edgeveil/contracts';
import { MethodCalls } from './method-calls.ts';

function fails(code: string, status: number): (error: unknown) => boolean {
  return (error) => error instanceof EdgeveilError && error.code === code && error.details.httpStatus === status;
}

describe('MethodCalls', () => {
  let calls: MethodCalls;
  let sent: { topic: string; payload: string }[];
  const target = { send: (topic: string, payload: string) => void sent.push({ topic, payload }) };

  beforeEach(() => {
    calls = new MethodCalls();
    sent = [];
    mock.timers.enable({ apis: ['setTimeout'] });
  });

  afterEach(() => mock.timers.reset());

  const requestId = () => /\$rid=(.*)$/.exec(sent.at(-1)?.topic ?? '')?.[1] ?? '';

  it('sends null where there is no payload, and hands the answer back', async () => {
    calls.setTarget('d/m', target);
    const answer = calls.invoke('d/m', { methodName: 'go' });
    assert.match(sent[0]?.topic ?? '', /^\$iothub\/methods\/POST\/go\/\?\$rid=.+/);
    assert.equal(sent[0]?.payload, 'null');
    calls.respond('d/other', requestId(), '200', Buffer.from('"not its own"'));
    calls.respond('d/m', requestId(), '201', Buffer.from('{"a":1}'));
    assert.deepEqual(await answer, { status: 201, payload: { a: 1 } });
  });

  it('takes an empty answer for null, text for text, and a status that is no integer for 400000', async () => {
    calls.setTarget('d/m', target);
    for (const [status, body, expected] of [
      ['200', '', { status: 200, payload: null }],
      ['200', 'plain', { status: 200, payload: 'plain' }],
      ['ok', '1', { status: 400_000, payload: 1 }],
    ] as const) {
      const answer = calls.invoke('d/m', { methodName: 'go' });
      calls.respond('d/m', requestId(), status, Buffer.from(body));
      assert.deepEqual(await answer, expected);
    }
  });

  it('says 404 at once of a client that is not there, and 504 of one that does not answer', async () => {
    await assert.rejects(calls.invoke('d/m', { methodName: 'go' }), fails('EDGE_METHOD_NOT_CONNECTED', 404));
    calls.setTarget('d/m', target);
    const late = calls.invoke('d/m', { methodName: 'go', responseTimeoutSecs: 5 });
    mock.timers.tick(5000);
    await assert.rejects(late, fails('EDGE_METHOD_TIMEOUT', 504));
    await assert.rejects(late, { message: `Timed out waiting for device to respond to method request ${requestId()}` });
    calls.respond('d/m', requestId(), '200', Buffer.from('1'));
  });

  it('waits for a client as long as it is told to', async () => {
    const answer = calls.invoke('d/m', { methodName: 'go', connectTimeoutSecs: 10 });
    calls.setTarget('d/m', target);
    await Promise.resolve();
    await Promise.resolve();
    calls.respond('d/m', requestId(), '200', Buffer.from('1'));
    assert.deepEqual(await answer, { status: 200, payload: 1 });
    const never = calls.invoke('d/x', { methodName: 'go', connectTimeoutSecs: 10 });
    mock.timers.tick(10_000);
    await assert.rejects(never, fails('EDGE_METHOD_NOT_CONNECTED', 404));
  });

  it('lets a handler of this process answer, as long as it is there', async () => {
    calls.setLocalTarget('d/$edgeAgent', async (methodName, payload) => {
      if (methodName === 'fail') throw new RangeError('no');
      return { status: 200, payload: { methodName, payload } };
    });
    const answer = await calls.invoke('d/$edgeAgent', { methodName: 'ping', payload: { a: 1 } });
    assert.deepEqual(answer, { status: 200, payload: { methodName: 'ping', payload: { a: 1 } } });
    assert.deepEqual((await calls.invoke('d/$edgeAgent', { methodName: 'x' })).payload, {
      methodName: 'x',
      payload: null,
    });
    assert.deepEqual(await calls.invoke('d/$edgeAgent', { methodName: 'fail' }), {
      status: 500,
      payload: { message: 'no' },
    });
    calls.setLocalTarget('d/$edgeAgent', () => new Promise(() => undefined));
    const late = calls.invoke('d/$edgeAgent', { methodName: 'x', responseTimeoutSecs: 5 });
    mock.timers.tick(5000);
    await assert.rejects(late, fails('EDGE_METHOD_TIMEOUT', 504));
    calls.setLocalTarget('d/$edgeAgent', undefined);
    await assert.rejects(calls.invoke('d/$edgeAgent', { methodName: 'x' }), fails('EDGE_METHOD_NOT_CONNECTED', 404));
    assert.deepEqual(sent, []);
  });

  it('says 400 to what edgeHub refuses', async () => {
    for (const request of [
      { methodName: '' },
      { methodName: 'x'.repeat(101) },
      { methodName: 'x', responseTimeoutSecs: 4 },
      { methodName: 'x', responseTimeoutSecs: 301 },
      { methodName: 'x', connectTimeoutSecs: -1 },
      { methodName: 'x', payload: 'x'.repeat(131_072) },
    ]) {
      await assert.rejects(calls.invoke('d/m', request), fails('EDGE_METHOD_INVALID', 400));
    }
  });
});
