import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import device, { type Client, type DeviceMethodRequest, type DeviceMethodResponse } from 'azure-iot-device';
import mqtt from 'azure-iot-device-mqtt';
import type { LocalEdge } from '../local-edge.ts';
import type { LocalEdgeOptions } from '../options.ts';
import { startLocalEdge } from '../start-local-edge.ts';
import { manifestOf } from '../testing/manifest.ts';
import { RawMqtt } from '../testing/raw-mqtt.ts';
import { messageOf, sdkConsumer } from '../testing/sdk-module.test.ts';
import type { JsonObject } from '../twins/json-object.ts';

const up = 'FROM /messages/* INTO $upstream';
const toInput = (input: string) => `FROM /messages/modules/a/* INTO BrokeredEndpoint("/modules/b/inputs/${input}")`;

describe('Hub', () => {
  let dir: string;
  let edge: LocalEdge;
  let warnings: string[];
  const open: { close(): unknown }[] = [];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
    warnings = [];
  });

  afterEach(async () => {
    for (const client of open.splice(0)) await Promise.resolve(client.close()).catch(() => undefined);
    await edge?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  async function start(routes: JsonObject, options: Partial<LocalEdgeOptions> = {}): Promise<void> {
    edge = await startLocalEdge({
      manifest: manifestOf({ modules: { a: {}, b: {} }, routes }),
      stateDir: join(dir, 'state'),
      only: [],
      onWarning: ({ message }) => warnings.push(message),
      ...options,
    });
  }

  async function raw(name: string, options: { password?: string; keepAliveSecs?: number } = {}): Promise<RawMqtt> {
    const login = edge.mqttLogin(name);
    const client = await RawMqtt.open(login.host, await readFile(login.caFile, 'utf8'));
    open.push({ close: () => client.socket.destroy() });
    const code = await client.login({ ...login, ...options });
    if (code !== 0) throw new RangeError(`CONNACK ${code}`);
    return client;
  }

  /** A leaf device as its maker would write it: a connection string, the gateway's name in it, and a CA file. */
  async function leaf(name: string): Promise<Client> {
    const { EdgeHubConnectionString, EdgeModuleCACertificateFile } = edge.credentials(`leaf:${name}`);
    const client = device.Client.fromConnectionString(EdgeHubConnectionString, mqtt.Mqtt);
    await client.setOptions({ ca: await readFile(EdgeModuleCACertificateFile, 'utf8') });
    open.push(client);
    await client.open();
    return client;
  }

  const hubReported = () => edge.reported('$edgeHub') as { lastDesiredVersion: number; lastDesiredStatus: JsonObject };

  it('routes by a desired patch of $edgeHub from then on, and over a restart', async () => {
    await start({ r: toInput('i') });
    const received: string[] = [];
    const consumer = await sdkConsumer(edge, 'b', received);
    open.push(consumer);
    await edge.sendAs('a', 'o', { body: '1' });
    await edge.waitFor(() => received.length === 1);
    edge.twin.patchDesired('$edgeHub', { routes: { r: null, s: toInput('j'), up } });
    assert.deepEqual(edge.routes.map(({ name }) => name).sort(), ['s', 'up']);
    await edge.sendAs('a', 'o', { body: '2' });
    await edge.waitFor(() => received.length === 2);
    assert.deepEqual(received, ['i:1', 'j:2']);
    assert.equal(edge.upstream.count, 1);
    assert.deepEqual(hubReported().lastDesiredStatus, { code: 200, description: '' });
    assert.equal(hubReported().lastDesiredVersion, 2);
    await consumer.close();
    open.length = 0;
    await edge.stop();
    await start({ r: toInput('i') });
    assert.deepEqual(edge.routes.map(({ name }) => name).sort(), ['s', 'up']);
  });

  it('refuses bad routes whole, says so in its twin, and keeps the old', async () => {
    await start({ up });
    edge.twin.patchDesired('$edgeHub', { routes: { s: toInput('j'), bad: 'FROM /* WHERE t > 3 INTO $upstream' } });
    assert.deepEqual(
      edge.routes.map(({ name }) => name),
      ['up'],
    );
    const { code, description } = hubReported().lastDesiredStatus;
    assert.equal(code, 400);
    assert.match(String(description), /^Error while parsing desired properties - route 'bad' 1:17: Invalid operands/);
    await edge.sendAs('a', 'o', { body: '1' });
    assert.equal(edge.upstream.count, 1);
    edge.twin.patchDesired('$edgeHub', { routes: { bad: null } });
    assert.equal(hubReported().lastDesiredStatus.code, 200);
    assert.equal(edge.routes.length, 2);
  });

  it('has leaf devices: messages, twin, twin changes and methods', async () => {
    await start({
      up,
      own: 'FROM /messages/modules/* INTO BrokeredEndpoint("/modules/b/inputs/never")',
      twins: 'FROM /twinChangeNotifications INTO $upstream',
    });
    const thermometer = await leaf('thermometer 1');
    await thermometer.sendEvent(messageOf('21', { unit: 'C' }));
    const [message] = edge.upstream.messages();
    assert.equal(message?.body.toString(), '21');
    assert.equal(message?.systemProperties.get('connectionDeviceId'), 'thermometer 1');
    assert.equal(message?.systemProperties.has('connectionModuleId'), false);

    edge.twin.patchDesired('leaf:thermometer 1', { interval: 5 });
    const twin = await thermometer.getTwin();
    assert.deepEqual(twin.properties.desired, { interval: 5, $version: 2 });
    const patched = new Promise<void>((resolve) => {
      twin.on('properties.desired', ({ $version }: JsonObject) => $version === 3 && resolve());
    });
    // The subscription is in place when a request behind it has been answered.
    await promisify(twin.properties.reported.update.bind(twin.properties.reported))({ state: 'on' });
    edge.twin.patchDesired('leaf:thermometer 1', { interval: 6 });
    await patched;
    assert.deepEqual(edge.reported('leaf:thermometer 1'), { state: 'on', $version: 2 });
    assert.deepEqual(edge.reported('thermometer 1'), { $version: 1 });
    await edge.waitFor(() => edge.upstream.count === 2);
    const change = [...edge.upstream.messages()][1];
    assert.equal(change?.systemProperties.get('rpSenderDeviceId'), 'thermometer 1');
    assert.equal(change?.systemProperties.has('rpSenderModuleId'), false);

    thermometer.onDeviceMethod('reset', (_request: DeviceMethodRequest, response: DeviceMethodResponse) => {
      response.send(200, 'done').catch(() => undefined);
    });
    const call = { methodName: 'reset', connectTimeoutSecs: 30 };
    assert.deepEqual(await edge.invokeMethod('leaf:thermometer 1', call), { status: 200, payload: 'done' });
  });

  it('lets a leaf device in only with a key of its own, and speak only for itself', async () => {
    await start({ up });
    edge.credentials('leaf:known');
    const login = edge.mqttLogin('leaf:known');
    const ca = await readFile(login.caFile, 'utf8');
    for (const bad of [
      { ...login, password: edge.mqttLogin('a').password },
      { ...login, clientId: 'unknown', username: login.username.replace('known', 'unknown') },
    ]) {
      const client = await RawMqtt.open(login.host, ca);
      open.push({ close: () => client.socket.destroy() });
      assert.equal(await client.login(bad), 5);
    }
    const client = await raw('leaf:known');
    client.publish('devices/edge/modules/a/messages/events/', 'x', 1);
    await client.closed();
    assert.equal(edge.upstream.count, 0);
  });

  it('answers the one method that edgeHub has', async () => {
    await start({});
    const refresh = { methodName: 'RefreshDeviceScopeIdentityCache' };
    assert.deepEqual(await edge.invokeMethod('$edgeHub', refresh), { status: 200, payload: null });
    assert.equal((await edge.invokeMethod('$edgeHub', { methodName: 'other' })).status, 404);
  });

  it('grants QoS 1 at most', async () => {
    await start({});
    const b = await raw('b');
    const filter = 'devices/edge/modules/b/inputs/#';
    assert.deepEqual(
      [await b.subscribe(filter, 2), await b.subscribe(filter, 1), await b.subscribe(filter, 0)],
      [1, 1, 0],
    );
  });

  it('takes a hundred clients, and the next when one has left; who comes back is none too many', async () => {
    await start({}, { acceptAny: true });
    const clients: RawMqtt[] = [];
    for (let n = 0; n < 100; n += 1) clients.push(await raw(`leaf:d${n}`, { password: 'any' }));
    await assert.rejects(raw('leaf:d100', { password: 'any' }), /CONNACK 3/);
    await raw('leaf:d99', { password: 'any' });
    clients[0]?.socket.destroy();
    await edge.waitFor(() => edge.clients().length === 99);
    await raw('leaf:d100', { password: 'any' });
  });

  it('lets go of a client that is silent for one and a half times its keep-alive', async () => {
    await start({});
    const silent = await raw('a', { keepAliveSecs: 1 });
    await silent.closed();
    assert.ok(warnings.includes('client is silent'));
  });

  it('finds nothing to warn of when a client leaves with something under way to it', async () => {
    await start({ r: toInput('i') });
    const topic = Buffer.from('$iothub/twin/GET/?$rid=1');
    for (let n = 0; n < 5; n += 1) {
      const b = await raw('b');
      // The session keeps the subscription, and its packets may come before any answer.
      if (n === 0) await b.subscribe('devices/edge/modules/b/inputs/#');
      await edge.sendAs('a', 'o', { body: 'x' });
      await b.next(3);
      // A question and a good-bye in one go: the answer finds the client gone.
      b.socket.cork();
      b.send(3, 0, Buffer.concat([Buffer.from([0, topic.length]), topic]));
      b.send(14, 0, Buffer.alloc(0));
      b.socket.uncork();
      await b.closed();
      await edge.waitFor(() => edge.clients().length === 0);
    }
    assert.deepEqual(
      warnings.filter((warning) => warning.includes('connection')),
      [],
    );
  });

  it('holds on to nothing of what comes as garbage', async () => {
    await start({ up });
    const before = process.memoryUsage().rss;
    const ca = await readFile(edge.mqttLogin('a').caFile, 'utf8');
    for (let n = 0; n < 150; n += 1) {
      const plain = connectPlain(8883, edge.address);
      plain.on('error', () => undefined);
      plain.end(Buffer.alloc(100_000, n));
      const client = await RawMqtt.open(edge.address, ca);
      // A CONNECT of nearly the greatest size that never ends, or anything.
      client.socket.write(Buffer.concat([Buffer.from([0x10, 0xf0, 0xff, 0x0f]), Buffer.alloc(200_000, n)]));
      client.socket.end(Buffer.alloc(100_000, n * 7));
      await client.closed();
      await new Promise((resolve) => (plain.destroyed ? resolve(undefined) : plain.once('close', resolve)));
    }
    const grown = process.memoryUsage().rss - before;
    assert.ok(grown < 150_000_000, `${grown} bytes more`);
    const a = await raw('a');
    a.publish('devices/edge/modules/a/messages/events/', 'x', 1);
    await a.next(4);
    assert.equal(edge.upstream.count, 1);
  });
});
