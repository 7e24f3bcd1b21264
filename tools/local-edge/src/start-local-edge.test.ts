import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigError, type EdgeveilError } from '@edgeveil/contracts';
import type { DeviceMethodRequest, DeviceMethodResponse, Message, ModuleClient, Twin } from 'azure-iot-device';
import type { LocalEdge } from './local-edge.ts';
import type { LocalEdgeOptions } from './options.ts';
import { startLocalEdge } from './start-local-edge.ts';
import { manifestOf } from './testing/manifest.ts';
import { messageOf, sdkConsumer, sdkModule, sdkModuleFromProcess } from './testing/sdk-module.test.ts';
import type { JsonObject } from './twins/json-object.ts';

const toB = 'FROM /messages/modules/a/outputs/o INTO BrokeredEndpoint("/modules/b/inputs/i")';
const modules = { a: {}, b: {} };

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof Error && (error as EdgeveilError).code === code;
}

describe('startLocalEdge', () => {
  let dir: string;
  let edge: LocalEdge;
  const clients: ModuleClient[] = [];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close().catch(() => undefined);
    await edge?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  async function start(manifest: object, options: Partial<LocalEdgeOptions> = {}): Promise<void> {
    edge = await startLocalEdge({ manifest, stateDir: join(dir, 'state'), only: [], ...options });
  }

  async function opened(module: string): Promise<ModuleClient> {
    const client = await sdkModule(edge, module);
    clients.push(client);
    await client.open();
    return client;
  }

  async function consumer(module: string, received: string[]): Promise<ModuleClient> {
    const client = await sdkConsumer(edge, module, received);
    clients.push(client);
    return client;
  }

  it('brings an output of one module to the input of another, with its properties and its sender', async () => {
    await start(manifestOf({ modules, routes: { r: toB } }));
    const [a, b] = [await opened('a'), await sdkModule(edge, 'b')];
    clients.push(b);
    const arrived = new Promise<[string, Message]>((resolve) => {
      b.on('inputMessage', (input: string, message: Message) => resolve([input, message]));
    });
    await b.open();
    const message = messageOf('{"n":1}', { level: 'high/&=%', '$.cmid': 'somebody else' });
    message.contentType = 'application/json';
    message.contentEncoding = 'utf-8';
    message.messageId = 'id 1';
    message.correlationId = 'c';
    await a.sendOutputEvent('o', message);
    const [input, received] = await arrived;
    assert.equal(input, 'i');
    assert.equal(received.data.toString(), '{"n":1}');
    assert.equal(received.contentType, 'application/json');
    assert.equal(received.contentEncoding, 'utf-8');
    assert.equal(received.messageId, 'id 1');
    assert.equal(received.correlationId, 'c');
    assert.deepEqual(Object.fromEntries(received.properties.propertyList.map(({ key, value }) => [key, value])), {
      level: 'high/&=%',
      '$.cdid': 'edge',
      '$.cmid': 'a',
    });
  });

  it('answers for twins: reads, reported patches good and bad, desired patches', async () => {
    await start(manifestOf({ modules, twins: { b: { interval: 5, nested: { x: 1 } } } }));
    const b = await opened('b');
    const twin: Twin = await b.getTwin();
    assert.deepEqual(twin.properties.desired, { interval: 5, nested: { x: 1 }, $version: 1 });
    const update = (patch: object) => promisify(twin.properties.reported.update.bind(twin.properties.reported))(patch);
    await update({ state: { ok: true } });
    assert.deepEqual(edge.reported('b'), { state: { ok: true }, $version: 2 });
    await assert.rejects(update({ list: [null] }), /Arrays cannot contain 'null'/);
    const patched = new Promise<JsonObject>((resolve) => {
      twin.on('properties.desired', (patch: JsonObject) => {
        if (patch.$version === 2) resolve(patch);
      });
    });
    await edge.waitFor(() => subscribedToDesired(dir));
    assert.equal(edge.twin.patchDesired('b', { interval: null, nested: { x: 2 } }), 2);
    assert.deepEqual(await patched, { interval: null, nested: { x: 2 }, $version: 2 });
    assert.deepEqual(twin.properties.desired, { nested: { x: 2 }, $version: 2 });
  });

  it('routes changes of reported properties from /twinChangeNotifications', async () => {
    await start(
      manifestOf({
        modules,
        routes: { t: 'FROM /twinChangeNotifications INTO $upstream', m: 'FROM /messages INTO $upstream' },
      }),
    );
    const twin: Twin = await (await opened('b')).getTwin();
    await promisify(twin.properties.reported.update.bind(twin.properties.reported))({ state: 1 });
    await edge.waitFor(() => edge.upstream.count === 1);
    const [message] = edge.upstream.messages();
    assert.equal(message?.body.toString(), '{"state":1}');
    assert.equal(message?.systemProperties.get('rpSenderModuleId'), 'b');
    assert.equal(message?.systemProperties.get('connectionModuleId'), '$edgeHub');
  });

  it('calls direct methods, without a payload too, and says 404 of a module that is not there', async () => {
    await start(manifestOf({ modules }));
    const b = await opened('b');
    b.onMethod('echo', (request?: DeviceMethodRequest, response?: DeviceMethodResponse) => {
      response?.send(207, { got: request?.payload }).catch(() => undefined);
    });
    const call = { methodName: 'echo', connectTimeoutSecs: 10 };
    assert.deepEqual(await edge.invokeMethod('b', call), { status: 207, payload: { got: null } });
    assert.deepEqual(await edge.invokeMethod('b', { ...call, payload: [1] }), { status: 207, payload: { got: [1] } });
    await assert.rejects(edge.invokeMethod('a', { methodName: 'echo' }), (error) => {
      assert.ok(hasCode('EDGE_METHOD_NOT_CONNECTED')(error));
      assert.equal((error as EdgeveilError).message, 'Client edge/a not found');
      return true;
    });
    await assert.rejects(edge.invokeMethod('b', { methodName: ' ' }), hasCode('EDGE_METHOD_INVALID'));
  });

  it('keeps what is sent to a module that is away, and brings it in order when it comes', async () => {
    await start(manifestOf({ modules, routes: { r: toB } }));
    const received: string[] = [];
    const gone = await consumer('b', received);
    await gone.close();
    const a = await opened('a');
    for (let n = 0; n < 100; n += 1) await a.sendOutputEvent('o', messageOf(String(n)));
    await consumer('b', received);
    await edge.waitFor(() => received.length >= 100);
    assert.deepEqual(
      received,
      Array.from({ length: 100 }, (_, n) => `i:${n}`),
    );
  });

  it('keeps sessions, queues and twins over a restart of its own', async () => {
    const manifest = (interval: number) => manifestOf({ modules, routes: { r: toB }, twins: { b: { interval } } });
    await start(manifest(1));
    const { address } = edge;
    const received: string[] = [];
    const b = await consumer('b', received);
    const twin: Twin = await b.getTwin();
    const patches: unknown[] = [];
    twin.on('properties.desired', (patch: JsonObject) => patches.push(patch.interval));
    await edge.waitFor(() => subscribedToDesired(dir));
    const a = await opened('a');
    await edge.stop();

    // The desired properties change while the module has no connection; it subscribes to none of it again.
    await start(manifest(2), { address });
    await edge.waitFor(() => patches.at(-1) === 2);
    edge.twin.patchDesired('b', { interval: 3 });
    await edge.waitFor(() => patches.at(-1) === 3);
    await a.sendOutputEvent('o', messageOf('after'));
    await edge.waitFor(() => received.includes('i:after'));
    assert.deepEqual(edge.twin.get('b').desired, { interval: 3, $version: 3 });
  });

  it('keeps device-to-cloud messages, the newest when there are too many', async () => {
    await start(manifestOf({ modules, routes: { u: 'FROM /messages/modules/a/* INTO $upstream' } }), {
      maxUpstreamMessages: 10,
    });
    const a = await opened('a');
    for (let n = 0; n < 25; n += 1) await a.sendEvent(messageOf(String(n), { n: String(n) }));
    assert.equal(edge.upstream.total, 25);
    assert.ok(edge.upstream.count <= 10);
    const kept = [...edge.upstream.messages()];
    assert.equal(kept.length, edge.upstream.count);
    assert.equal(kept.at(-1)?.body.toString(), '24');
    assert.equal(kept.at(-1)?.properties.get('n'), '24');
  });

  it('takes a program that has nothing but a connection string and a CA file', async () => {
    await start(manifestOf({ modules, routes: { u: 'FROM /* INTO $upstream' } }));
    const { EdgeHubConnectionString, EdgeModuleCACertificateFile } = edge.credentials('by-hand');
    process.env.EdgeHubConnectionString = EdgeHubConnectionString;
    process.env.EdgeModuleCACertificateFile = EdgeModuleCACertificateFile;
    try {
      const client = await sdkModuleFromProcess();
      clients.push(client);
      await client.open();
      await client.sendEvent(messageOf('hello'));
    } finally {
      delete process.env.EdgeHubConnectionString;
      delete process.env.EdgeModuleCACertificateFile;
    }
    assert.deepEqual(
      [...edge.upstream.messages()].map(({ body }) => body.toString()),
      ['hello'],
    );
  });

  it('runs beside another edge, on an address of its own', async () => {
    await start(manifestOf({ modules, routes: { u: 'FROM /* INTO $upstream' } }));
    const other = await startLocalEdge({
      manifest: manifestOf({ modules, routes: { u: 'FROM /* INTO $upstream' } }),
      stateDir: join(dir, 'other'),
      only: [],
    });
    try {
      assert.notEqual(other.address, edge.address);
      const here = await opened('a');
      const there = await sdkModule(other, 'a');
      clients.push(there);
      await there.open();
      await Promise.all([here.sendEvent(messageOf('here')), there.sendEvent(messageOf('there'))]);
      assert.equal([...edge.upstream.messages()][0]?.body.toString(), 'here');
      assert.equal([...other.upstream.messages()][0]?.body.toString(), 'there');
      await there.close();
    } finally {
      await other.stop();
    }
  });

  it('puts messages of the test’s own in, and JSON so that routes can ask about it', async () => {
    const routes = {
      r: 'FROM /messages/modules/a/outputs/o WHERE $body.n > 5 INTO BrokeredEndpoint("/modules/b/inputs/i")',
    };
    await start(manifestOf({ modules, routes }));
    const received: string[] = [];
    await consumer('b', received);
    await edge.sendAs('a', 'o', { body: { n: 3 } });
    await edge.sendAs('a', 'o', { body: { n: 7 } });
    await edge.sendToInput('b', 'i', { body: 'direct' });
    await edge.waitFor(() => received.length === 2);
    assert.deepEqual(received, ['i:{"n":7}', 'i:direct']);
    await assert.rejects(edge.sendToInput('b', 'nowhere', { body: '' }), hasCode('EDGE_INPUT_UNKNOWN'));
  });

  it('names every bad route with its place and starts nothing', async () => {
    const routes = { good: toB, typed: 'FROM /* WHERE t > 3 INTO $upstream', broken: 'FROM /* INTO' };
    await assert.rejects(start(manifestOf({ modules, routes })), (error) => {
      assert.ok(error instanceof ConfigError && error.code === 'EDGE_ROUTE_INVALID');
      assert.match(error.message, /route 'typed' 1:17: Invalid operands/);
      assert.match(error.message, /route 'broken' 1:13: Syntax error/);
      assert.doesNotMatch(error.message, /good/);
      return true;
    });
  });

  it('warns of text after a sink', async () => {
    const warnings: string[] = [];
    const routes = { r: "FROM /* INTO $upstream WHERE a = 'b'" };
    const lines: string[] = [];
    await start(manifestOf({ modules, routes }), {
      onWarning: ({ message }) => warnings.push(message),
      onLog: ({ text }) => lines.push(text),
    });
    // Not every user may have port 443, and then there is a warning of that too.
    assert.equal(warnings[0], 'text after the sink of a route is ignored');
    assert.equal(warnings.filter((warning) => !warning.includes('methods of other modules')).length, 1);
    assert.match(
      lines[0] ?? '',
      /^<4> \d{4}-\d\d-\d\d [\d:.]{12} \+00:00 \[\$edgeHub\] text after the sink .* \{"route":"r"/,
    );
  });

  it('says what is missing for a module that it does not know how to run', async () => {
    const options = { manifest: manifestOf({ modules }), stateDir: join(dir, 'state'), repoDir: dir };
    await assert.rejects(startLocalEdge(options), (error) => {
      assert.ok(hasCode('EDGE_MODULE_COMMAND_UNKNOWN')(error));
      assert.match((error as Error).message, /module 'a' .*moduleOverrides/);
      return true;
    });
    // Whatever had been started is gone: the same folder can be used at once.
    await start(manifestOf({ modules }));
  });

  it('refuses a state folder that is in use', async () => {
    await start(manifestOf({ modules }));
    const again = startLocalEdge({ manifest: manifestOf({ modules }), stateDir: join(dir, 'state'), only: [] });
    await assert.rejects(again, hasCode('EDGE_STATE_IN_USE'));
  });

  it('shows its secrets to nobody else', async () => {
    await start(manifestOf({ modules }));
    assert.equal((await stat(join(dir, 'state'))).mode & 0o077, 0);
    assert.equal((await stat(join(dir, 'state', 'pki', 'root-ca.key.pem'))).mode & 0o777, 0o600);
  });

  async function subscribedToDesired(folder: string): Promise<boolean> {
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(join(folder, 'state', 'edge.db'), { readOnly: true });
    const row = database.prepare("SELECT 1 FROM subscriptions WHERE filter LIKE '%desired%'").get();
    database.close();
    return row !== undefined;
  }
});
