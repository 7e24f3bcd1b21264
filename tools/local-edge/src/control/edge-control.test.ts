import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EdgeveilError } from '@edgeveil/contracts';
import type { DeviceMethodRequest, DeviceMethodResponse, ModuleClient } from 'azure-iot-device';
import type { LocalEdge } from '../local-edge.ts';
import { startLocalEdge } from '../start-local-edge.ts';
import { manifestOf } from '../testing/manifest.ts';
import { messageOf, sdkConsumer, sdkModule } from '../testing/sdk-module.test.ts';
import { EdgeControl } from './edge-control.ts';

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof Error && (error as EdgeveilError).code === code;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const printer = ['console.log("<6> one"); console.error("two"); setInterval(() => undefined, 1000)'];

describe('EdgeControl', () => {
  let dir: string;
  let edge: LocalEdge;
  let control: EdgeControl;
  const clients: ModuleClient[] = [];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'control-'));
    edge = await startLocalEdge({
      manifest: manifestOf({
        modules: { sensor: {}, filter: {}, talker: {} },
        routes: {
          toFilter: 'FROM /messages/modules/sensor/outputs/out INTO BrokeredEndpoint("/modules/filter/inputs/in1")',
          up: { route: "FROM /messages/* WHERE kind = 'up' INTO $upstream", priority: 3, timeToLiveSecs: 60 },
        },
        twins: { filter: { threshold: 25 } },
      }),
      stateDir: dir,
      only: ['talker'],
      moduleOverrides: { talker: { command: process.execPath, args: ['-e', ...printer] } },
      control: true,
    });
    control = new EdgeControl([dir]);
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close().catch(() => undefined);
    await edge.stop();
    await rm(dir, { recursive: true, force: true });
  });

  async function opened(module: string): Promise<ModuleClient> {
    const client = await sdkModule(edge, module);
    clients.push(client);
    await client.open();
    return client;
  }

  it('tells how the edge is', async () => {
    await opened('sensor');
    await edge.sendToInput('filter', 'in1', { body: 'waits' });
    const status = await control.status();
    assert.equal(status.deviceId, 'edge');
    assert.equal(status.pid, process.pid);
    assert.equal(status.stateDir, dir);
    assert.equal(status.isOffline, false);
    assert.deepEqual(
      status.modules.map(({ module, status, pid }) => [module, status, pid !== undefined]),
      [
        ['sensor', 'not started', false],
        ['filter', 'not started', false],
        ['talker', 'running', true],
      ],
    );
    assert.ok(status.clients.includes('edge/sensor'));
    const queue = status.queues.find(({ endpoint }) => endpoint === 'filter/in1');
    assert.equal(queue?.messages, 1);
    assert.ok((queue?.bytes ?? 0) >= 'waits'.length);
    assert.deepEqual(status.routes[1], {
      name: 'up',
      route: "FROM /messages/* WHERE kind = 'up' INTO $upstream",
      endpoint: '$upstream',
      priority: 3,
      timeToLiveSecs: 60,
    });
  });

  it('knows the names that a command line may be completed with', async () => {
    assert.deepEqual(await control.names(), {
      modules: ['sensor', 'filter', 'talker'],
      inputs: { filter: ['in1'] },
      outputs: { sensor: ['out'] },
      routes: ['toFilter', 'up'],
    });
  });

  it('reads and changes twins, and the module is told', async () => {
    const client = await opened('filter');
    const twin = await client.getTwin();
    const patches: unknown[] = [];
    // The first one is what the twin was when it was read.
    await new Promise<void>((resolve) => {
      twin.on('properties.desired', (patch) => {
        patches.push(patch);
        if (patches.length === 1) resolve();
      });
    });
    assert.equal(await control.patchDesired('filter', { label: 'x', threshold: null }), 2);
    assert.equal(await control.replaceDesired('filter', { zones: [1] }), 3);
    await edge.waitFor(() => patches.length === 3);
    assert.deepEqual(patches.slice(1), [
      { label: 'x', threshold: null, $version: 2 },
      { label: null, zones: [1], $version: 3 },
    ]);
    assert.deepEqual((await control.twin('filter')).desired, { zones: [1], $version: 3 });
    assert.equal(typeof (await control.twin('$edgeAgent')).desired.modules, 'object');
    await assert.rejects(control.twin('fliter'), hasCode('EDGE_MODULE_UNKNOWN'));
    await assert.rejects(control.patchDesired('fliter', {}), hasCode('EDGE_MODULE_UNKNOWN'));
  });

  it('calls methods of modules and of the agent', async () => {
    const client = await opened('filter');
    client.onMethod('scale', (request?: DeviceMethodRequest, response?: DeviceMethodResponse) => {
      const status = request?.payload === null ? 422 : 200;
      response?.send(status, { was: request?.payload }).catch(() => undefined);
    });
    await edge.waitFor(async () => (await control.invokeMethod('$edgeAgent', { methodName: 'ping' })).status === 200);
    const call = { methodName: 'scale', payload: { by: 2 }, connectTimeoutSecs: 10 };
    assert.deepEqual(await control.invokeMethod('filter', call), { status: 200, payload: { was: { by: 2 } } });
    assert.equal((await control.invokeMethod('filter', { methodName: 'scale' })).status, 422);
    await assert.rejects(control.invokeMethod('sensor', { methodName: 'scale' }), hasCode('EDGE_METHOD_NOT_CONNECTED'));
    await assert.rejects(
      control.invokeMethod('filter', { methodName: 'scale', responseTimeoutSecs: 1 }),
      hasCode('EDGE_METHOD_INVALID'),
    );
  });

  it('sends to an input, and as if a module had sent', async () => {
    const received: string[] = [];
    clients.push(await sdkConsumer(edge, 'filter', received));
    const message = { bodyBase64: base64('{"n":1}'), properties: { kind: 'up' }, systemProperties: {} };
    assert.deepEqual(await control.send({ module: 'filter', input: 'in1', ...message }), {
      to: [{ endpoint: 'filter/in1', routes: [] }],
    });
    assert.deepEqual(await control.send({ module: 'sensor', output: 'out', ...message }), {
      to: [
        { endpoint: 'filter/in1', routes: ['toFilter'] },
        { endpoint: '$upstream', routes: ['up'] },
      ],
    });
    await edge.waitFor(() => received.length === 2);
    assert.deepEqual(received, ['in1:{"n":1}', 'in1:{"n":1}']);
    assert.deepEqual(await control.send({ module: 'sensor', output: 'other', ...message, properties: {} }), { to: [] });
    await assert.rejects(control.send({ module: 'filter', input: 'nope', ...message }), hasCode('EDGE_INPUT_UNKNOWN'));
  });

  it('cuts the line to the cloud, and restores it', async () => {
    await control.setOffline(true);
    await edge.sendAs('sensor', 'x', { body: 'late', properties: { kind: 'up' } });
    const status = await control.status();
    assert.equal(status.isOffline, true);
    assert.equal(status.queues.find(({ endpoint }) => endpoint === '$upstream')?.messages, 1);
    assert.equal(status.upstream.total, 0);
    await control.setOffline(false);
    await edge.waitFor(() => edge.upstream.total === 1);
  });

  it('refuses a message that edgeHub would not take', async () => {
    const bodyBase64 = Buffer.alloc(262_145).toString('base64');
    const message = { bodyBase64, properties: {}, systemProperties: {} };
    await assert.rejects(
      control.send({ ...message, module: 'sensor', output: 'out' }),
      hasCode('EDGE_MESSAGE_TOO_LARGE'),
    );
    await assert.rejects(
      control.send({ ...message, module: 'filter', input: 'in1' }),
      hasCode('EDGE_MESSAGE_TOO_LARGE'),
    );
  });

  it('does not keep the edge from stopping', async () => {
    const listeners = edge.events.listenerCount('message');
    const slow = await control.monitor({});
    const call = control.invokeMethod('filter', { methodName: 'x', connectTimeoutSecs: 300 });
    const lost = assert.rejects(call, hasCode('EDGE_CONTROL_LOST'));
    assert.equal(edge.events.listenerCount('message'), listeners + 1);
    await edge.stop();
    await lost;
    for await (const _message of slow) assert.fail('nothing was sent');
  });

  it('restarts a module', async () => {
    const pid = () => edge.modules()[0]?.pid;
    const before = pid();
    await control.restartModule('talker');
    assert.notEqual(pid(), before);
    await assert.rejects(control.restartModule('nope'), hasCode('EDGE_MODULE_UNKNOWN'));
  });

  it('hands out what a module started by hand needs', async () => {
    const { isInDeployment, isRunning, ...credentials } = await control.credentials('filter');
    assert.deepEqual([isInDeployment, isRunning], [true, false]);
    assert.equal((await control.credentials('talker')).isRunning, true);
    assert.deepEqual(credentials, edge.credentials('filter'));
    assert.equal((await control.credentials('by-hand')).isInDeployment, false);
    await assert.rejects(control.credentials('a b'), hasCode('EDGE_CONTROL_REQUEST_INVALID'));
  });

  it('puts another deployment in the place of the one in force', async () => {
    const routes = { all: 'FROM /* INTO $upstream' };
    await control.applyDeployment(manifestOf({ modules: { sensor: {} }, routes }));
    assert.deepEqual((await control.names()).modules, ['sensor']);
    assert.deepEqual((await control.names()).routes, ['all']);
    await assert.rejects(control.applyDeployment({ modulesContent: 1 }), hasCode('EDGE_MANIFEST_INVALID'));
  });

  describe('monitor', () => {
    async function collect(filter: Parameters<EdgeControl['monitor']>[0], count: number) {
      const messages = await control.monitor(filter);
      const seen: { output: string | undefined; to: string[]; body: unknown }[] = [];
      const done = (async () => {
        for await (const message of messages) {
          assert.ok(!('missed' in message));
          const { output, to, body } = message;
          seen.push({ output, to: to.flatMap(({ routes }) => routes), body });
          if (seen.length === count) break;
        }
        return seen;
      })();
      return { done, seen };
    }

    it('shows messages of a module with their routes, JSON parsed, bytes as base64', async () => {
      const client = await opened('sensor');
      const messages = await control.monitor({});
      await client.sendOutputEvent('out', messageOf('{"n":1}', { kind: 'up', odd: 'ä = &' }));
      await client.sendOutputEvent('lost', messageOf('plain'));
      await edge.sendToInput('filter', 'in1', { body: Buffer.from([0xff, 0xfe]) });
      const seen: unknown[] = [];
      for await (const message of messages) {
        assert.ok(!('missed' in message));
        const { source, to, properties, body, bodyEncoding, bytes } = message;
        seen.push({ source, to, properties, body, bodyEncoding, bytes });
        if (seen.length === 3) break;
      }
      const lowest = 2_000_000_000;
      assert.deepEqual(seen, [
        {
          source: '/messages/modules/sensor/outputs/out',
          to: [
            { endpoint: 'filter/in1', routes: ['toFilter'], priority: lowest },
            { endpoint: '$upstream', routes: ['up'], priority: 3 },
          ],
          properties: { kind: 'up', odd: 'ä = &' },
          body: { n: 1 },
          bodyEncoding: 'json',
          bytes: 7,
        },
        {
          source: '/messages/modules/sensor/outputs/lost',
          to: [],
          properties: {},
          body: 'plain',
          bodyEncoding: 'text',
          bytes: 5,
        },
        {
          source: '/messages/modules/$edgeHub',
          to: [{ endpoint: 'filter/in1', routes: [], priority: lowest }],
          properties: {},
          body: '//4=',
          bodyEncoding: 'base64',
          bytes: 2,
        },
      ]);
    });

    it('shows only what a route took, what concerns a module, or what a condition is true of', async () => {
      const [byRoute, byModule, byCondition] = await Promise.all([
        collect({ routes: ['up'] }, 1),
        collect({ modules: ['filter'] }, 2),
        collect({ condition: "kind = 'up' AND $body.n > 1", modules: ['sensor'] }, 1),
      ]);
      await edge.sendAs('sensor', 'out', { body: { n: 1 } });
      await edge.sendAs('other', 'o', { body: { n: 2 } });
      await edge.sendAs('filter', 'o', { body: { n: 3 } });
      await edge.sendAs('sensor', 'o', { body: { n: 4 }, properties: { kind: 'up' } });
      assert.deepEqual(await byRoute.done, [{ output: 'o', to: ['up'], body: { n: 4 } }]);
      assert.deepEqual(
        (await byModule.done).map(({ body }) => body),
        [{ n: 1 }, { n: 3 }],
      );
      assert.deepEqual(
        (await byCondition.done).map(({ body }) => body),
        [{ n: 4 }],
      );
    });

    it('refuses a condition that does not compile, with its place, and a route that there is not', async () => {
      await assert.rejects(control.monitor({ condition: "a = 'x' AND 5" }), (error: EdgeveilError) => {
        assert.equal(error.code, 'EDGE_MONITOR_FILTER_INVALID');
        assert.match(error.message, /1:\d+: /);
        return true;
      });
      await assert.rejects(control.monitor({ routes: ['nope'] }), hasCode('EDGE_MONITOR_FILTER_INVALID'));
    });

    it('lets go of the edge when its reader goes, and ends when the edge stops', async () => {
      const before = edge.events.listenerCount('message');
      const abort = new AbortController();
      const gone = await control.monitor({}, abort.signal);
      const stays = await control.monitor({});
      assert.equal(edge.events.listenerCount('message'), before + 2);
      abort.abort();
      for await (const _message of gone) assert.fail('nothing was sent');
      // Waiting listens too.
      await edge.waitFor(() => edge.events.listenerCount('message') === before + 2);
      const ended = (async () => {
        for await (const _message of stays) assert.fail('nothing was sent');
      })();
      await edge.stop();
      await ended;
    });
  });

  describe('logs', () => {
    type Lines = AsyncIterable<{ text: string } | { missed: number }>;
    const texts = async (lines: Lines, count = Number.POSITIVE_INFINITY) => {
      const read: string[] = [];
      for await (const line of lines) {
        assert.ok('text' in line);
        if (read.push(line.text) >= count) break;
      }
      return read;
    };

    beforeEach(() => edge.waitFor(async () => (await edge.moduleLogs('talker')).length >= 2));

    it('gives the kept lines, all or the last ones', async () => {
      assert.deepEqual((await texts(await control.logs({ modules: ['talker'] }))).sort(), ['<6> one', 'two']);
      assert.equal((await texts(await control.logs({ modules: ['talker'], tail: 1 }))).length, 1);
      assert.deepEqual(await texts(await control.logs({ modules: ['talker'], until: '1h' })), []);
      assert.equal((await texts(await control.logs({ since: '1 hour' }))).length, 2);
    });

    it('goes on with what comes, and neither misses nor repeats a line in between', async () => {
      let isFollowed = false;
      let written = 0;
      const write = (message: string) => edge.events.emit('warning', { message, details: {} });
      const writer = (async () => {
        // Some before, some while, and some after the reader comes, however long that takes.
        for (let after = 0; after < 100; after += isFollowed ? 1 : 0) {
          write(`line ${written++}`);
          await new Promise((resolve) => setImmediate(resolve));
        }
        write('last line');
      })();
      const lines = await control.logs({ modules: ['$edgeHub'], isFollowing: true });
      isFollowed = true;
      const read: (string | undefined)[] = [];
      for await (const line of lines) {
        assert.ok('text' in line);
        if (line.text.includes('last line')) break;
        read.push(/line (\d+)/.exec(line.text)?.[1]);
      }
      await writer;
      assert.deepEqual(
        read,
        Array.from({ length: written }, (_, n) => String(n)),
      );
    });

    it('refuses a module that there is not and a time that is none', async () => {
      await assert.rejects(control.logs({ modules: ['nope'] }), hasCode('EDGE_MODULE_UNKNOWN'));
      await assert.rejects(control.logs({ since: 'yesterday' }), hasCode('EDGE_LOG_QUERY_INVALID'));
    });
  });
});
