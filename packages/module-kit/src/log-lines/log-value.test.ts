import assert from 'node:assert/strict';
import { RejectedError } from '@edgeveil/contracts';
import { describeError, logValue } from './log-value.ts';

describe('logValue', () => {
  it('shows errors with code, details and the chain of causes, without stacks', () => {
    const root = Object.assign(new Error('no such file'), { code: 'ENOENT' });
    const error = new RejectedError('PICTURE_UNREADABLE', 'cannot read', { cause: root, details: { name: 'a.jpg' } });
    assert.deepEqual(JSON.parse(logValue({ error })), {
      error: {
        name: 'RejectedError',
        code: 'PICTURE_UNREADABLE',
        message: 'cannot read',
        details: { name: 'a.jpg' },
        causes: [{ name: 'Error', code: 'ENOENT', message: 'no such file' }],
      },
    });
  });

  it('survives circles, big integers, buffers, getters that throw and errors that cause themselves', () => {
    const circle: Record<string, unknown> = { big: 1n, pixels: Buffer.alloc(9), map: new Map([['a', 1]]) };
    circle.self = circle;
    assert.deepEqual(JSON.parse(logValue(circle)), {
      big: '1',
      pixels: '[9 bytes]',
      map: { a: 1 },
      self: '[circular]',
    });
    const error = new Error('loop');
    error.cause = error;
    assert.ok(logValue({ error }).includes('loop'));
    const trap = Object.defineProperty({}, 'x', {
      enumerable: true,
      get() {
        throw new Error('trap');
      },
    });
    assert.deepEqual(JSON.parse(logValue(trap)), { unloggable: 'trap' });
  });

  it('shows the same object twice where it is no circle', () => {
    const shared = { a: 1 };
    assert.equal(logValue({ x: shared, y: shared }), '{"x":{"a":1},"y":{"a":1}}');
  });
});

describe('describeError', () => {
  it('shows what failed inside an AggregateError and what is no error at all', () => {
    const text = JSON.stringify(describeError(new AggregateError([new Error('one'), new Error('two')], 'both')));
    assert.match(text, /"both".*"one".*"two"/);
    assert.equal(describeError('text'), 'text');
    assert.equal(describeError(undefined), 'undefined');
  });

  it('gives a stack only where asked', () => {
    assert.match(JSON.stringify(describeError(new Error('x'), { stack: true })), /"stack":"Error: x/);
    assert.doesNotMatch(JSON.stringify(describeError(new Error('x'))), /stack/);
  });
});
