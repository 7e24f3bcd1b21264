import assert from 'node:assert/strict';
import type { Event } from '@edgeveil/contracts';
import { ENDPOINTS, TransientError } from '@edgeveil/contracts';
import type { OutputMessage } from '../hub/hub-client.ts';
import { LineLog } from '../log-lines/line-log.ts';
import { BatchingOutput, type BatchingOutputOptions } from './batching-output.ts';

const log = new LineLog({ scope: 'test', level: 'error', write: () => {} });

function event(code: string, bytes = 0): Event {
  return { code, level: 'info', message: 'x'.repeat(bytes), at: '2026-01-31T10:00:00.000Z' };
}

/** An output to a hub where the test holds or fails each message. */
function createOutput(options: Partial<BatchingOutputOptions> = {}) {
  const messages: OutputMessage[] = [];
  const state = { answer: (_attempt: number): Promise<void> | void => {} };
  const client = {
    lost: new Promise<Error>(() => {}),
    readDesired: () => Promise.reject(new TransientError('UNUSED', 'unused')),
    updateReported: async () => {},
    serveMethods: () => {},
    close: async () => {},
    sendOutput: async (_name: string, message: OutputMessage) => {
      messages.push(message);
      await state.answer(messages.length);
    },
  };
  const link = { use: <T>(operation: (hub: typeof client) => Promise<T>) => operation(client) };
  const output = new BatchingOutput<Event>({
    name: 'events',
    link,
    log,
    delays: { firstMs: 1, maxMs: 1 },
    ...options,
  });
  const codes = () =>
    messages.map(({ body }) =>
      ENDPOINTS.events.schema.parse(JSON.parse(body.toString())).events.map(({ code }) => code),
    );
  return { output, messages, state, codes };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

describe('BatchingOutput', () => {
  it('sends at once when idle, and what gathers meanwhile as one message in order', async () => {
    const gate = Promise.withResolvers<void>();
    const { output, codes, state } = createOutput();
    state.answer = (attempt) => (attempt === 1 ? gate.promise : undefined);
    const first = output.send(event('A'));
    await until(() => codes().length === 1);
    const later = ['B', 'C', 'D'].map((code) => output.send(event(code)));
    gate.resolve();
    await Promise.all([first, ...later]);
    assert.deepEqual(codes(), [['A'], ['B', 'C', 'D']]);
    assert.equal(output.waiting, 0);
  });

  it('resolves a send only when the message that carries it is acknowledged', async () => {
    const gate = Promise.withResolvers<void>();
    const { output, state, messages } = createOutput();
    state.answer = () => gate.promise;
    let isSent = false;
    const sending = output.send(event('A')).then(() => {
      isSent = true;
    });
    await until(() => messages.length === 1);
    assert.equal(isSent, false);
    gate.resolve();
    await sending;
  });

  it('sends the same message again until it is acknowledged', async () => {
    const { output, codes, state } = createOutput();
    state.answer = (attempt) => {
      if (attempt < 4) throw new TransientError('HUB_OPERATION_FAILED', 'no');
    };
    await output.send(event('A'));
    assert.deepEqual(codes(), [['A'], ['A'], ['A'], ['A']]);
  });

  it('keeps every body within 200 KB and every message within 500 items', async () => {
    const { output, messages, codes } = createOutput();
    const sizes = [1, 199_000, 60_000, 70_000, 80_000, ...Array.from({ length: 1200 }, () => 10)];
    await Promise.all(sizes.map((bytes, index) => output.send(event(`E${index}`, bytes))));
    assert.ok(messages.every(({ body }) => body.byteLength <= 200 * 1024));
    assert.ok(codes().every((batch) => batch.length <= 500));
    assert.deepEqual(
      codes().flat(),
      sizes.map((_bytes, index) => `E${index}`),
    );
  });

  it('refuses an item that no message can carry and takes the next', async () => {
    const { output, codes } = createOutput();
    await assert.rejects(output.send(event('HUGE', 205_000)), { code: 'OUTPUT_ITEM_TOO_LARGE' });
    await output.send(event('A'));
    assert.deepEqual(codes(), [['A']]);
  });

  it('takes the largest item that fits exactly', async () => {
    const { output, messages } = createOutput();
    const overhead = Buffer.byteLength(`{"events":[${JSON.stringify(event('A'))}]}`);
    await output.send(event('A', 200 * 1024 - overhead));
    assert.equal(messages[0]?.body.byteLength, 200 * 1024);
    await assert.rejects(output.send(event('A', 200 * 1024 - overhead + 1)), { code: 'OUTPUT_ITEM_TOO_LARGE' });
  });

  it('makes senders wait while the buffer is full, and keeps their order', async () => {
    const gate = Promise.withResolvers<void>();
    const { output, codes, state, messages } = createOutput({ maxItems: 2 });
    state.answer = (attempt) => (attempt === 1 ? gate.promise : undefined);
    const names = ['A', 'B', 'C', 'D', 'E', 'F', 'G'];
    const first = output.send(event('A'));
    await until(() => messages.length === 1);
    const later = names.slice(1).map((code) => output.send(event(code)));
    assert.equal(output.waiting, 3);
    gate.resolve();
    await Promise.all([first, ...later]);
    assert.deepEqual(codes().flat(), names);
    assert.ok(codes().every((batch) => batch.length <= 2));
  });

  it('drops the oldest hint when the buffer is full, never an item that somebody waits for', async () => {
    const gate = Promise.withResolvers<void>();
    let dropped = 0;
    const { output, codes, state, messages } = createOutput({
      maxItems: 3,
      onDropped: () => {
        dropped += 1;
      },
    });
    state.answer = (attempt) => (attempt === 1 ? gate.promise : undefined);
    const first = output.send(event('FIRST'));
    await until(() => messages.length === 1);
    const kept = output.send(event('KEPT'));
    for (const code of ['H1', 'H2', 'H3', 'H4']) output.post(event(code));
    gate.resolve();
    await Promise.all([first, kept]);
    assert.deepEqual(codes(), [['FIRST'], ['KEPT', 'H3', 'H4']]);
    assert.equal(dropped, 2);
  });

  it('names the one source of a message, and * for several', async () => {
    const { output, messages } = createOutput({ name: 'events' });
    const withSource = (source: string) => ({ ...event('A'), source });
    await output.send(withSource('dock'));
    await Promise.all([output.send(withSource('dock')), output.send(withSource('gate'))]);
    assert.deepEqual(
      messages.map(({ properties }) => properties),
      ['dock', '*'].map((source) => ({ type: 'event', schemaVersion: '1.0', source })),
    );
  });

  it('sends what waits when it is closed, and rejects it when there is no time', async () => {
    const patient = createOutput();
    const sent = patient.output.send(event('A'));
    await patient.output.close(new AbortController().signal);
    await sent;

    const hasty = createOutput();
    hasty.state.answer = () => {
      throw new TransientError('HUB_OPERATION_FAILED', 'no');
    };
    const lost = assert.rejects(hasty.output.send(event('A')), { code: 'OUTPUT_STOPPED' });
    await until(() => hasty.messages.length > 0);
    await hasty.output.close(AbortSignal.abort());
    await lost;
    await assert.rejects(hasty.output.send(event('B')), { code: 'OUTPUT_STOPPED' });
  });
});
