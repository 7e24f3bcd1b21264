import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { LocalEdge } from '../local-edge.ts';
import type { LocalEdgeOptions } from '../options.ts';
import { startLocalEdge } from '../start-local-edge.ts';
import { manifestOf } from '../testing/manifest.ts';
import { RawMqtt } from '../testing/raw-mqtt.ts';
import { createToken } from '../workload/sas-token.ts';

const inputs = (module: string) => `devices/edge/modules/${module}/inputs/#`;
const events = (module: string, output: string) => `devices/edge/modules/${module}/messages/events/%24.on=${output}/`;
const farFuture = 4_000_000_000;

describe('MqttServer', () => {
  let dir: string;
  let edge: LocalEdge;
  let ca: string;
  let warnings: string[];
  const clients: RawMqtt[] = [];

  async function start(options: Partial<LocalEdgeOptions> = {}): Promise<void> {
    warnings = [];
    edge = await startLocalEdge({
      manifest: manifestOf({
        modules: { a: {}, b: {}, c: {} },
        routes: {
          b: 'FROM /messages/modules/a/outputs/b INTO BrokeredEndpoint("/modules/b/inputs/i")',
          c: 'FROM /messages/modules/a/outputs/c INTO BrokeredEndpoint("/modules/c/inputs/i")',
          b2: 'FROM /messages/modules/a/outputs/b2 INTO BrokeredEndpoint("/modules/b/inputs/j")',
          up: 'FROM /messages/modules/a/outputs/up INTO $upstream',
        },
      }),
      stateDir: join(dir, 'state'),
      only: [],
      onWarning: ({ message, details }) => warnings.push(`${message} ${JSON.stringify(details)}`),
      ...options,
    });
    ca = await readFile(join(dir, 'state', 'pki', 'root-ca.pem'), 'utf8');
  }

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
    await start();
  });

  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.destroy();
    await edge.stop();
    await rm(dir, { recursive: true, force: true });
  });

  async function dial(): Promise<RawMqtt> {
    const client = await RawMqtt.open(edge.address, ca);
    clients.push(client);
    return client;
  }

  function loginOf(module: string): { clientId: string; username: string; password: string } {
    const key = /SharedAccessKey=(.*)/.exec(edge.credentials(module).EdgeHubConnectionString)?.[1] ?? '';
    return {
      clientId: `edge/${module}`,
      username: `local.azure-devices.net/edge/${module}/?api-version=2021-04-12`,
      password: createToken(key, `local.azure-devices.net/devices/edge/modules/${module}`, farFuture),
    };
  }

  async function login(module: string, options: { clean?: boolean } = {}): Promise<RawMqtt> {
    const client = await dial();
    assert.equal(await client.login({ ...loginOf(module), ...options }), 0);
    return client;
  }

  it('refuses with code 5 who cannot prove to be who it says', async () => {
    const good = loginOf('a');
    for (const bad of [
      { ...good, password: loginOf('b').password },
      { ...good, password: '' },
      { ...good, clientId: 'edge/b' },
      { ...good, clientId: 'edge/A' },
      { ...good, username: 'local.azure-devices.net/edge/a' },
      { ...good, clientId: 'other/a', username: 'local.azure-devices.net/other/a/?api-version=2021-04-12' },
    ]) {
      const client = await dial();
      assert.equal(await client.login(bad), 5, JSON.stringify(bad));
      await client.closed();
    }
    assert.deepEqual(edge.clients(), []);
  });

  it('takes any password when it is told to, but no other name', async () => {
    await edge.stop();
    await start({ acceptAny: true });
    const client = await dial();
    assert.equal(await client.login({ ...loginOf('a'), password: 'x' }), 0);
    const other = await dial();
    assert.equal(await other.login({ ...loginOf('a'), password: 'x', clientId: 'edge/b' }), 5);
  });

  it('closes the connection of a client that speaks for another', async () => {
    const a = await login('a');
    a.publish(events('b', 'up'), 'x', 1);
    await a.closed();
    assert.match(warnings.join('\n'), /edge\/a published as edge\/b/);
  });

  it('acknowledges a message to an unknown topic and drops it', async () => {
    const a = await login('a');
    a.publish('some/topic', 'x', 7);
    assert.deepEqual([...(await a.next(4)).body], [0, 7]);
    assert.equal(edge.upstream.count, 0);
  });

  it('closes the connection on QoS 2, on a second CONNECT and on a first packet that is none', async () => {
    const a = await login('a');
    a.publish(events('a', 'up'), 'x', 1, 4);
    await a.closed();
    const again = await login('a');
    again.login(loginOf('a')).catch(() => undefined);
    await again.closed();
    const early = await dial();
    early.publish(events('a', 'up'), 'x', 1);
    await early.closed();
    assert.equal(edge.upstream.count, 0);
  });

  it('takes 256 KB less the header, and closes the connection on more', async () => {
    const a = await login('a');
    a.publish(events('a', 'up'), Buffer.alloc(261_000), 1);
    await a.next(4);
    assert.equal(edge.upstream.count, 1);
    // Only the header of a bigger packet is sent: nobody waits for the rest.
    a.socket.write(Buffer.from([0x32, 0xff, 0xff, 0x7f]));
    await a.closed();
    assert.match(warnings.join('\n'), /packet is too big/);
  });

  it('lives on when it is sent garbage, in the clear or through TLS', async () => {
    const { connect: dialPlain } = await import('node:net');
    const plain = dialPlain(8883, edge.address).on('error', () => undefined);
    plain.end('GET / HTTP/1.1\r\n\r\n');
    await once(plain, 'close');
    for (const bytes of [
      [0],
      [0x10, 0xff, 0xff, 0xff, 0xff],
      [0xff, 0xff],
      [0x10, 2, 0, 9],
      Array.from({ length: 500 }, (_, i) => (i * 37) & 255),
    ]) {
      const client = await dial();
      client.socket.write(Buffer.from(bytes));
      client.socket.end();
      await client.closed();
    }
    await login('a');
    assert.ok(await edge.waitFor(() => edge.clients().includes('edge/a')));
  });

  it('presents a certificate for its address and for localhost, from its own root', async () => {
    for (const servername of ['localhost', undefined]) {
      const socket = connect({
        host: edge.address,
        port: 8883,
        ca,
        ...(servername === undefined ? {} : { servername }),
      });
      await once(socket, 'secureConnect');
      socket.destroy();
    }
    const wrong = connect({ host: edge.address, port: 8883, ca, servername: 'example.net' });
    const [error] = await once(wrong, 'error');
    assert.match(String(error), /altnames/);
  });

  it('acknowledges a message only when it has been stored', async () => {
    const a = await login('a');
    const order: string[] = [];
    edge.events.on('upstream', () => order.push('stored'));
    for (let n = 1; n <= 20; n += 1) {
      a.publish(events('a', 'up'), 'x', n);
      await a.next(4);
      order.push('acknowledged');
      assert.equal(edge.upstream.total, n);
    }
    assert.deepEqual(order, Array.from({ length: 20 }, () => ['stored', 'acknowledged']).flat());
  });

  it('lets a second connection take over from the first', async () => {
    const first = await login('b');
    await first.subscribe(inputs('b'));
    const second = await login('b');
    await first.closed();
    await edge.sendToInput('b', 'i', { body: 'for the second' });
    second.acknowledge(await second.next(3));
    assert.deepEqual(edge.clients(), ['edge/b']);
  });

  it('sends one message at a time to a module, over all its inputs, the next only after the acknowledgement', async () => {
    const b = await login('b');
    await b.subscribe(inputs('b'));
    const a = await login('a');
    for (let n = 0; n < 4; n += 1) {
      a.publish(events('a', n % 2 === 0 ? 'b' : 'b2'), String(n), n + 1);
      await a.next(4);
    }
    const seen: string[] = [];
    for (let n = 0; n < 4; n += 1) {
      const message = await b.next(3);
      seen.push(message.body.toString('utf8', message.body.length - 1));
      // A ping answered in between proves that nothing else is on its way.
      b.send(12, 0, Buffer.alloc(0));
      assert.equal((await b.next(13)).type, 13);
      b.acknowledge(message);
    }
    assert.deepEqual(seen.sort(), ['0', '1', '2', '3']);
  });

  it('delivers again what was not acknowledged, in order, when the module comes back', async () => {
    const b = await login('b');
    await b.subscribe(inputs('b'));
    await edge.sendToInput('b', 'i', { body: '1' });
    await edge.sendToInput('b', 'i', { body: '2' });
    await b.next(3);
    b.socket.destroy();
    const back = await login('b');
    for (const expected of ['1', '2']) {
      const message = await back.next(3);
      assert.equal(message.body.toString('utf8', message.body.length - 1), expected);
      back.acknowledge(message);
    }
  });

  it('delivers again on the same connection when an acknowledgement does not come in time, and is not misled by a late one', async () => {
    await edge.stop();
    await start({ timing: { ackTimeoutMs: 50 } });
    const b = await login('b');
    await b.subscribe(inputs('b'));
    await edge.sendToInput('b', 'i', { body: '1' });
    await edge.sendToInput('b', 'i', { body: '2' });
    const first = await b.next(3);
    const again = await b.next(3);
    assert.equal(again.body.at(-1), first.body.at(-1));
    b.acknowledge(first);
    const third = await b.next(3);
    assert.equal(
      third.body.at(-1),
      first.body.at(-1),
      'the late acknowledgement was for a delivery that had been given up',
    );
  });

  it('is not held up by a client that never acknowledges', async () => {
    const b = await login('b');
    await b.subscribe(inputs('b'));
    const c = await login('c');
    await c.subscribe(inputs('c'));
    await edge.sendToInput('b', 'i', { body: 'never acknowledged' });
    for (let n = 0; n < 50; n += 1) await edge.sendToInput('c', 'i', { body: String(n) });
    for (let n = 0; n < 50; n += 1) c.acknowledge(await c.next(3));
  });

  it('forgets a clean session with its end, and keeps any other', async () => {
    const kept = await login('b');
    await kept.subscribe(inputs('b'));
    kept.socket.destroy();
    const clean = await login('c', { clean: true });
    await clean.subscribe(inputs('c'));
    await edge.sendToInput('c', 'i', { body: '1' });
    clean.acknowledge(await clean.next(3));
    clean.socket.destroy();
    await edge.waitFor(() => edge.clients().length === 0);
    await edge.sendToInput('b', 'i', { body: '2' });
    await edge.sendToInput('c', 'i', { body: '3' });
    const back = await login('b');
    assert.equal((await back.next(3)).body.at(-1), '2'.charCodeAt(0));
    const anew = await login('c');
    anew.send(12, 0, Buffer.alloc(0));
    await anew.next(13);
    assert.deepEqual(
      edge.reported('$edgeHub').clients && Object.keys(edge.reported('$edgeHub').clients as object).sort(),
      ['edge/b', 'edge/c'],
    );
  });
});
