import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, type Event, type EventsMessage, InternalError, logLevelSchema } from '@edgeveil/contracts';
import { z } from 'zod';
import type { ModuleContext } from './module-context.ts';
import { defineModule, type ModuleDefinition, type ModuleTwin } from './module-definition.ts';
import { type RunModuleOptions, runModule } from './run-module.ts';
import { defineMethod, type RunningModule } from './running-module.ts';
import { FakeHub } from './testing/fake-hub.ts';
import { FakeProcess } from './testing/fake-process.ts';

const twinSchema = z.strictObject({ logLevel: logLevelSchema.default('info'), pace: z.int().positive().default(1) });
type Twin = z.infer<typeof twinSchema>;

function event(code: string): Event {
  return { code, level: 'info', message: 'm', at: '2026-01-31T10:00:00.000Z' };
}

interface Recorded {
  readonly definition: ModuleDefinition<Twin>;
  readonly steps: string[];
  readonly applied: Twin[];
  context: ModuleContext<Twin> | undefined;
}

function record(overrides: Partial<RunningModule<Twin>> = {}, start?: (twin: Twin) => void): Recorded {
  const recorded: Recorded = {
    steps: [],
    applied: [],
    context: undefined,
    definition: defineModule({
      name: 'toy',
      twinSchema,
      async start(context) {
        start?.(context.twin);
        recorded.context = context;
        recorded.applied.push(context.twin);
        recorded.steps.push('start');
        return {
          apply: async (twin) => void recorded.applied.push(twin),
          drain: async () => void recorded.steps.push('drain'),
          close: async () => void recorded.steps.push('close'),
          ...overrides,
        };
      },
    }),
  };
  return recorded;
}

describe('runModule', () => {
  let stateDir: string;
  let hub: FakeHub;
  let process: FakeProcess;
  let running: Promise<void> | undefined;

  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'module-kit-'));
    hub = new FakeHub();
    process = new FakeProcess({
      EdgeHubConnectionString: 'HostName=h;DeviceId=d;ModuleId=m;SharedAccessKey=eA==',
      EDGEVEIL_STATE_DIR: stateDir,
      EDGEVEIL_HTTP_PORT: '0',
      EDGEVEIL_HTTP_HOST: '127.0.0.1',
    });
    running = undefined;
  });

  afterEach(async () => {
    process.emit('SIGTERM');
    await running;
    await rm(stateDir, { recursive: true });
  });

  function run<T extends ModuleTwin>(definition: ModuleDefinition<T>, options: RunModuleOptions = {}): Promise<void> {
    running = runModule(process, definition, { connect: hub.connect, twinGraceMs: 50, graceMs: 5_000, ...options });
    return running;
  }

  const twinReport = (): unknown => hub.reported.twin;
  const untilTwin = (status: string, version: number) =>
    hub.until(() => {
      const twin = z.object({ status: z.string(), version: z.number() }).safeParse(twinReport());
      return twin.data?.status === status && twin.data.version === version;
    });

  async function readyz(): Promise<{ status: number; body: unknown }> {
    await hub.until(() => hub.reported.http !== undefined);
    const { port } = z.object({ port: z.number() }).parse(hub.reported.http);
    const response = await fetch(`http://127.0.0.1:${port}/readyz`);
    return { status: response.status, body: await response.json() };
  }

  it('starts with the twin of the hub, reports it, and ends cleanly on SIGTERM', async () => {
    const toy = record();
    run(toy.definition);
    await untilTwin('applied', 1);
    assert.deepEqual(toy.applied, [{ logLevel: 'info', pace: 1 }]);
    assert.equal((await readyz()).status, 200);
    process.emit('SIGTERM');
    await running;
    assert.deepEqual(toy.steps, ['start', 'drain', 'close']);
    assert.equal(process.exitCode, 0);
    assert.equal(process.listenerCount('SIGTERM'), 0);
  });

  it('applies a changed twin, and keeps the last good one when a bad one comes', async () => {
    const toy = record();
    run(toy.definition);
    await untilTwin('applied', 1);
    hub.patchDesired({ pace: 5 });
    await untilTwin('applied', 2);
    hub.patchDesired({ pace: 'fast', other: null });
    await untilTwin('refused', 3);
    assert.deepEqual(
      toy.applied.map(({ pace }) => pace),
      [1, 5],
    );
    assert.deepEqual(twinReport(), {
      version: 3,
      status: 'refused',
      errors: [{ path: 'pace', message: 'Invalid input: expected number, received string', value: '"fast"' }],
    });
    hub.patchDesired({ pace: 6 });
    await untilTwin('applied', 4);
    assert.deepEqual(twinReport(), { version: 4, status: 'applied' });
  });

  it('reports a twin that the module refuses with its code and goes on', async () => {
    const toy = record({
      apply: async ({ pace }) => {
        throw new ConfigError('PACE_UNKNOWN', `no pace ${pace}`, { details: { path: 'pace' } });
      },
    });
    run(toy.definition);
    await untilTwin('applied', 1);
    hub.patchDesired({ pace: 9 });
    await untilTwin('refused', 2);
    assert.deepEqual(twinReport(), {
      version: 2,
      status: 'refused',
      errors: [{ path: 'pace', message: 'PACE_UNKNOWN: no pace 9' }],
    });
  });

  it('reads the twin again after a reconnect, because a patch may have been missed', async () => {
    const toy = record();
    run(toy.definition);
    await untilTwin('applied', 1);
    hub.patchDesired({ pace: 7 }, { isLost: true });
    hub.drop();
    await untilTwin('applied', 2);
    assert.equal(toy.applied.at(-1)?.pace, 7);
    assert.equal(hub.connections, 2);
  });

  it('reads the whole twin when patches are missing between the known and the new one', async () => {
    const toy = record();
    run(toy.definition);
    await untilTwin('applied', 1);
    hub.patchDesired({ pace: 7 }, { isLost: true });
    hub.patchDesired({ logLevel: 'debug' });
    await untilTwin('applied', 3);
    assert.deepEqual(toy.applied.at(-1), { logLevel: 'debug', pace: 7 });
  });

  it('starts with the last good twin when no hub is in reach, and sends what waited when it comes', async () => {
    await writeFile(join(stateDir, 'last-good-twin.json'), JSON.stringify({ version: 4, desired: { pace: 3 } }));
    hub.isReachable = false;
    const started = Promise.withResolvers<void>();
    const toy = record({}, () => started.resolve());
    run(toy.definition);
    await started.promise;
    assert.equal(toy.applied[0]?.pace, 3);
    const sent = toy.context?.output('events').send(event('OFFLINE'));
    hub.isReachable = true;
    await sent;
    assert.deepEqual(hub.sent[0]?.body, { events: [event('OFFLINE')] });
    await untilTwin('applied', 1);
  });

  it('waits for a valid twin when there is none on disk', async () => {
    hub = new FakeHub({ desired: { pace: -1 } });
    const toy = record();
    run(toy.definition);
    await untilTwin('refused', 1);
    assert.deepEqual(toy.steps, []);
    const { status, body } = await readyz();
    assert.equal(status, 503);
    assert.match(JSON.stringify(body), /no valid twin yet/);
    hub.patchDesired({ pace: 2 });
    await untilTwin('applied', 2);
    assert.deepEqual(toy.steps, ['start']);
  });

  it('falls back to the last good twin when the module cannot start with the new one', async () => {
    await writeFile(join(stateDir, 'last-good-twin.json'), JSON.stringify({ version: 1, desired: { pace: 3 } }));
    hub = new FakeHub({ desired: { pace: 8 } });
    const toy = record({}, ({ pace }) => {
      if (pace === 8) throw new ConfigError('PACE_UNKNOWN', 'no pace 8');
    });
    run(toy.definition, { twinGraceMs: 5_000 });
    await hub.until(() => JSON.stringify(twinReport())?.includes('refused') === true);
    hub.patchDesired({ pace: 4 });
    await untilTwin('applied', 2);
    assert.deepEqual(
      toy.applied.map(({ pace }) => pace),
      [3, 4],
    );
  });

  it('keeps only good twins on disk', async () => {
    run(record().definition);
    await untilTwin('applied', 1);
    hub.patchDesired({ pace: 5 });
    await untilTwin('applied', 2);
    hub.patchDesired({ pace: 'x' });
    await untilTwin('refused', 3);
    process.emit('SIGTERM');
    await running;
    const kept: unknown = JSON.parse(await readFile(join(stateDir, 'last-good-twin.json'), 'utf8'));
    assert.deepEqual(kept, { version: 2, desired: { pace: 5 } });
  });

  it('gives a handler the items of all messages that gathered while it was busy', async () => {
    const calls: string[][] = [];
    const gate = Promise.withResolvers<void>();
    const done = Promise.withResolvers<void>();
    const toy = record({
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
    run(toy.definition);
    await untilTwin('applied', 1);
    hub.deliver('events', { events: [event('A')] } satisfies EventsMessage);
    await hub.until(() => true);
    while (calls.length === 0) await new Promise(setImmediate);
    hub.deliver('events', { events: [event('B'), event('C')] });
    hub.deliver('events', { events: [event('D')] });
    gate.resolve();
    await done.promise;
    assert.deepEqual(calls, [['A'], ['B', 'C', 'D']]);
  });

  it('sets aside a message that cannot be read, counts it and goes on', async () => {
    const taken = Promise.withResolvers<readonly Event[]>();
    const toy = record({ inputs: { events: { capacity: 10, handle: async (items) => taken.resolve(items) } } });
    run(toy.definition);
    await untilTwin('applied', 1);
    hub.deliver('events', Buffer.from('not json'));
    hub.deliver('events', { events: [] });
    hub.deliver('nonsense', { events: [event('A')] });
    hub.deliver('frames', { frames: [] });
    hub.deliver('events', { events: [event('GOOD')] });
    assert.deepEqual(await taken.promise, [event('GOOD')]);
    const { port } = z.object({ port: z.number() }).parse(hub.reported.http);
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    assert.match(metrics, /edgeveil_messages_refused_total\{input="events",reason="not_json",module="m"\} 1/);
    assert.match(metrics, /edgeveil_messages_refused_total\{input="events",reason="schema",module="m"\} 1/);
    assert.match(metrics, /edgeveil_messages_refused_total\{input="unknown",reason="unknown_input",module="m"\} 1/);
    process.emit('SIGTERM');
    await running;
    assert.equal((await readdir(join(stateDir, 'refused'))).length, 4);
  });

  it('answers methods: its own, the built-in ones, and bad payloads with their paths', async () => {
    const toy = record({
      methods: {
        double: defineMethod({ payload: z.object({ n: z.number() }), call: async ({ n }) => n * 2 }),
        fail: defineMethod({ payload: z.unknown(), call: () => Promise.reject(new TypeError('oops')) }),
      },
    });
    run(toy.definition);
    await untilTwin('applied', 1);
    await hub.until(() => true);
    assert.deepEqual(await hub.invoke('double', { n: 21 }), { status: 200, payload: { result: 42 } });
    const bad = await hub.invoke('double', { n: 'x' });
    assert.equal(bad.status, 400);
    assert.match(JSON.stringify(bad.payload), /"path":"n"/);
    assert.equal((await hub.invoke('fail')).status, 500);
    assert.equal((await hub.invoke('ping')).status, 200);
    const status = await hub.invoke('status');
    assert.match(JSON.stringify(status.payload), /"twin":\{"version":1\}/);
    hub.drop();
    await hub.until(() => hub.connections === 2);
    assert.equal((await hub.invoke('double', { n: 1 })).status, 200);
  });

  it('sends in drain what the module sends there, then closes', async () => {
    const toy = record({ drain: () => toy.context?.output('events').send(event('LAST')) ?? Promise.reject() });
    run(toy.definition);
    await untilTwin('applied', 1);
    process.emit('SIGTERM');
    await running;
    assert.deepEqual(hub.sent.at(-1)?.body, { events: [event('LAST')] });
    assert.equal(process.exitCode, 0);
  });

  it('does not wait for a hub that is away when it stops', async () => {
    const toy = record();
    run(toy.definition);
    await untilTwin('applied', 1);
    hub.isReachable = false;
    hub.drop();
    const send = toy.context?.output('events').send(event('A'));
    process.emit('SIGTERM');
    await assert.rejects(async () => send, { code: 'OUTPUT_STOPPED' });
    await running;
    assert.equal(process.exitCode, 0);
  });

  it('ends by force, naming what is open, when the module does not close', async () => {
    const hang = Promise.withResolvers<void>();
    const toy = record({ close: () => hang.promise });
    run(toy.definition, { graceMs: 50 });
    await untilTwin('applied', 1);
    process.emit('SIGTERM');
    assert.equal(await process.exited, 1);
    assert.match(process.lines.join(''), /not stopped in time \{"open":\["http","hub",.*"module"\]/);
    hang.resolve();
    await running;
  });

  it('ends at once on a second signal', async () => {
    const hang = Promise.withResolvers<void>();
    run(record({ drain: () => hang.promise }).definition);
    await untilTwin('applied', 1);
    process.emit('SIGINT');
    process.emit('SIGTERM');
    assert.equal(await process.exited, 1);
    hang.resolve();
    await running;
  });

  it('closes what it can and ends with exit code 1 on a bug in a handler', async () => {
    const toy = record({
      inputs: { events: { capacity: 1, handle: () => Promise.reject(new InternalError('BUG', 'a bug')) } },
    });
    run(toy.definition);
    await untilTwin('applied', 1);
    hub.deliver('events', { events: [event('A')] });
    await running;
    assert.deepEqual(toy.steps, ['start', 'drain', 'close']);
    assert.equal(process.exitCode, 1);
    assert.match(process.lines.join(''), /<3> .* \[toy\] crashed .*"code":"BUG".*"stack"/);
  });

  it('ends with exit code 1 on an error that nobody caught', async () => {
    const toy = record();
    run(toy.definition);
    await untilTwin('applied', 1);
    process.emit('unhandledRejection', new TypeError('lost'));
    await running;
    assert.deepEqual(toy.steps, ['start', 'drain', 'close']);
    assert.equal(process.exitCode, 1);
  });

  it('closes the other parts when one fails to close, and says which', async () => {
    run(record({ close: () => Promise.reject(new Error('stuck')) }).definition);
    await untilTwin('applied', 1);
    process.emit('SIGTERM');
    await running;
    assert.equal(process.exitCode, 1);
    assert.match(process.lines.join(''), /not closed cleanly \{"part":"module"/);
    assert.match(process.lines.at(-1) ?? '', /stopped/);
  });

  it('names the port that is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    process = new FakeProcess({ ...process.env, EDGEVEIL_HTTP_PORT: String(port) });
    await run(record().definition);
    assert.equal(process.exitCode, 1);
    assert.match(process.lines.join(''), new RegExp(`HTTP_LISTEN_FAILED.*127.0.0.1:${port}`));
    taken.close();
  });

  it('names each variable that is missing from the environment', async () => {
    process = new FakeProcess({ EDGEVEIL_STATE_DIR: stateDir, IOTEDGE_DEVICEID: 'd' });
    await run(record().definition);
    assert.equal(process.exitCode, 1);
    assert.match(process.lines.join(''), /IDENTITY_MISSING.*IOTEDGE_WORKLOADURI, IOTEDGE_MODULEID/);
  });

  it('says when it cannot write to its state folder', async () => {
    await writeFile(join(stateDir, 'file'), '');
    process = new FakeProcess({ ...process.env, EDGEVEIL_STATE_DIR: join(stateDir, 'file', 'state') });
    await run(record().definition);
    assert.equal(process.exitCode, 1);
    assert.match(process.lines.join(''), /STATE_DIR_UNUSABLE/);
  });

  it('waits for another twin when the module names the property that it cannot start with', async () => {
    hub = new FakeHub({ desired: { pace: 8 } });
    const toy = record({}, ({ pace }) => {
      if (pace === 8) throw new ConfigError('PACE_UNKNOWN', 'no pace 8', { details: { path: 'pace' } });
    });
    run(toy.definition);
    await untilTwin('refused', 1);
    hub.patchDesired({ pace: 4 });
    await untilTwin('applied', 2);
    assert.deepEqual(toy.steps, ['start']);
  });

  it('ends with exit code 1 when the module cannot start with any twin', async () => {
    const toy = record({}, () => {
      throw new ConfigError('KEY_MISSING', 'no key');
    });
    await run(toy.definition);
    assert.equal(process.exitCode, 1);
    assert.match(process.lines.join(''), /module failed .*KEY_MISSING/);
    assert.match(JSON.stringify(twinReport()), /refused.*KEY_MISSING/);
  });

  it('replaces a connection that has grown old without losing a message', async () => {
    const toy = record();
    run(toy.definition, { maxSessionMs: 20 });
    await untilTwin('applied', 1);
    const output = toy.context?.output('events');
    const codes = Array.from({ length: 200 }, (_, index) => `E${index}`);
    for (const code of codes) {
      await output?.send(event(code));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assert.ok(hub.connections > 2);
    const bodies = z.array(z.object({ events: z.array(z.object({ code: z.string() })) }));
    const received = bodies
      .parse(hub.sent.map(({ body }) => body))
      .flatMap(({ events }) => events.map(({ code }) => code));
    assert.deepEqual(received, codes);
  });
});
