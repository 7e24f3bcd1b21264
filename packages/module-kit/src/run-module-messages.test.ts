import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Event, EventsMessage } from '@edgeveil/contracts';
import { z } from 'zod';
import { defineMethod } from './running-module.ts';
import { ModuleBench, recordModule, toyEvent } from './testing/module-bench.ts';

describe('runModule: messages and methods', () => {
  let bench: ModuleBench;

  beforeEach(async () => {
    bench = await ModuleBench.open();
  });
  afterEach(() => bench.close());

  it('gives a handler the items of all messages that gathered while it was busy', async () => {
    const calls: string[][] = [];
    const gate = Promise.withResolvers<void>();
    const done = Promise.withResolvers<void>();
    const toy = recordModule({
      inputs: {
        events: {
          capacity: 10,
          handle: async (items) => {
            calls.push(items.map(({ code }) => code));
            if (calls.length === 1) await gate.promise;
            else done.resolve();
          },
        },
      },
    });
    void bench.run(toy.definition);
    await bench.untilTwin('applied', 1);
    bench.hub.deliver('events', { events: [toyEvent('A')] } satisfies EventsMessage);
    await bench.hub.until(() => true);
    while (calls.length === 0) await new Promise(setImmediate);
    bench.hub.deliver('events', { events: [toyEvent('B'), toyEvent('C')] });
    bench.hub.deliver('events', { events: [toyEvent('D')] });
    gate.resolve();
    await done.promise;
    assert.deepEqual(calls, [['A'], ['B', 'C', 'D']]);
  });

  it('sets aside a message that cannot be read, counts it and goes on', async () => {
    const taken = Promise.withResolvers<readonly Event[]>();
    const toy = recordModule({ inputs: { events: { capacity: 10, handle: async (items) => taken.resolve(items) } } });
    void bench.run(toy.definition);
    await bench.untilTwin('applied', 1);
    bench.hub.deliver('events', Buffer.from('not json'));
    bench.hub.deliver('events', { events: [] });
    bench.hub.deliver('nonsense', { events: [toyEvent('A')] });
    bench.hub.deliver('frames', { frames: [] });
    bench.hub.deliver('events', { events: [toyEvent('GOOD')] });
    assert.deepEqual(await taken.promise, [toyEvent('GOOD')]);
    const metrics = await (await bench.get('/metrics')).text();
    assert.match(metrics, /edgeveil_messages_refused_total\{input="events",reason="not_json",module="m"\} 1/);
    assert.match(metrics, /edgeveil_messages_refused_total\{input="events",reason="schema",module="m"\} 1/);
    assert.match(metrics, /edgeveil_messages_refused_total\{input="unknown",reason="unknown_input",module="m"\} 1/);
    bench.process.emit('SIGTERM');
    await bench.running;
    assert.equal((await readdir(join(bench.stateDir, 'refused'))).length, 4);
  });

  it('answers methods: its own, the built-in ones, and bad payloads with their paths', async () => {
    const toy = recordModule({
      methods: {
        double: defineMethod({ payload: z.object({ n: z.number() }), call: async ({ n }) => n * 2 }),
        fail: defineMethod({ payload: z.unknown(), call: () => Promise.reject(new TypeError('oops')) }),
      },
    });
    void bench.run(toy.definition);
    await bench.untilTwin('applied', 1);
    await bench.hub.until(() => true);
    assert.deepEqual(await bench.hub.invoke('double', { n: 21 }), { status: 200, payload: { result: 42 } });
    const bad = await bench.hub.invoke('double', { n: 'x' });
    assert.equal(bad.status, 400);
    assert.match(JSON.stringify(bad.payload), /"path":"n"/);
    assert.equal((await bench.hub.invoke('fail')).status, 500);
    assert.equal((await bench.hub.invoke('ping')).status, 200);
    const status = await bench.hub.invoke('status');
    assert.match(JSON.stringify(status.payload), /"twin":\{"version":1\}/);
    bench.hub.drop();
    await bench.hub.until(() => bench.hub.connections === 2);
    assert.equal((await bench.hub.invoke('double', { n: 1 })).status, 200);
  });

  it('sends in drain what the module sends there, then closes', async () => {
    const toy = recordModule({ drain: () => toy.context?.output('events').send(toyEvent('LAST')) ?? Promise.reject() });
    void bench.run(toy.definition);
    await bench.untilTwin('applied', 1);
    bench.process.emit('SIGTERM');
    await bench.running;
    assert.deepEqual(bench.hub.sent.at(-1)?.body, { events: [toyEvent('LAST')] });
    assert.equal(bench.process.exitCode, 0);
  });

  it('replaces a connection that has grown old without losing a message', async () => {
    const toy = recordModule();
    void bench.run(toy.definition, { maxSessionMs: 20 });
    await bench.untilTwin('applied', 1);
    const output = toy.context?.output('events');
    const codes = Array.from({ length: 200 }, (_, index) => `E${index}`);
    for (const code of codes) {
      await output?.send(toyEvent(code));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assert.ok(bench.hub.connections > 2);
    const bodies = z.array(z.object({ events: z.array(z.object({ code: z.string() })) }));
    const received = bodies
      .parse(bench.hub.sent.map(({ body }) => body))
      .flatMap(({ events }) => events.map(({ code }) => code));
    assert.deepEqual(received, codes);
  });
});
