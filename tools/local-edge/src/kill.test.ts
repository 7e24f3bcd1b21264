import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openDatabase } from './store/database.ts';
import { IdentityStore } from './store/identity-store.ts';
import { manifestOf } from './testing/manifest.ts';
import { RawMqtt } from './testing/raw-mqtt.ts';
import { createToken } from './workload/sas-token.ts';

const main = fileURLToPath(new URL('./testing/edge/main.ts', import.meta.url));
const kills = 5;

describe('an edge that is killed', function () {
  this.timeout(60_000);

  let dir: string;
  let hub: ChildProcess | undefined;
  const clients: RawMqtt[] = [];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
  });

  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.destroy();
    await kill();
    await rm(dir, { recursive: true, force: true });
  });

  async function start(address?: string): Promise<string> {
    const manifest = manifestOf({
      modules: { a: {}, b: {} },
      routes: {
        r: 'FROM /messages/modules/a/outputs/* INTO BrokeredEndpoint("/modules/b/inputs/i")',
        u: 'FROM /messages/modules/a/outputs/* INTO $upstream',
      },
    });
    const options = { manifest, stateDir: join(dir, 'state'), only: [], ...(address === undefined ? {} : { address }) };
    hub = spawn(process.execPath, [main, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const { stdout } = hub;
    assert.ok(stdout !== null);
    const [line] = await once(stdout, 'data');
    return String(line).trim().slice(3);
  }

  async function kill(): Promise<void> {
    if (hub === undefined || hub.exitCode !== null || hub.signalCode !== null) return;
    hub.kill('SIGKILL');
    await once(hub, 'exit');
  }

  async function login(address: string, module: string): Promise<RawMqtt> {
    const state = join(dir, 'state');
    const database = openDatabase(join(state, 'edge.db'));
    const key = new IdentityStore(database).ensure(`edge/${module}`).key;
    database.close();
    const client = await RawMqtt.open(address, await readFile(join(state, 'pki', 'root-ca.pem'), 'utf8'));
    clients.push(client);
    const code = await client.login({
      clientId: `edge/${module}`,
      username: `local.azure-devices.net/edge/${module}/?api-version=2021-04-12`,
      password: createToken(key, `local.azure-devices.net/devices/edge/modules/${module}`, 4_000_000_000),
    });
    assert.equal(code, 0);
    return client;
  }

  it('under load has lost nothing that it acknowledged, and keeps the order', async () => {
    let address = await start();
    const acknowledged: number[] = [];
    const received: number[] = [];
    let next = 0;

    for (let round = 0; round < kills; round += 1) {
      const [sender, receiver] = [await login(address, 'a'), await login(address, 'b')];
      if (round === 0) await receiver.subscribe('devices/edge/modules/b/inputs/#');
      const receiving = receive(receiver, received);
      const acknowledging = collect(sender, acknowledged);
      // Killed in the middle of a stream of packets, a while after some have been acknowledged.
      const goal = acknowledged.length + 200 * (round + 1);
      const before = acknowledged.length;
      const first = next;
      while (acknowledged.length < goal && !sender.socket.destroyed) {
        // With a bounded number under way, as the SDK has it, and so that the backlog stays within what a test can wait for.
        while (next - first - (acknowledged.length - before) < 100) {
          sender.publish('devices/edge/modules/a/messages/events/%24.on=o/', String(next), next + 1);
          next += 1;
        }
        await nextTurn();
      }
      await kill();
      await Promise.all([receiving, acknowledging]);
      address = await start(address);
    }

    const [sender, receiver] = [await login(address, 'a'), await login(address, 'b')];
    const receiving = receive(receiver, received);
    // Queues keep their order, so that this one comes after whatever is left.
    sender.publish('devices/edge/modules/a/messages/events/%24.on=o/', String(next), next + 1);
    while (!received.includes(next) && !receiver.socket.destroyed) await delay(10);
    receiver.socket.destroy();
    await receiving;

    const got = new Set(received);
    assert.deepEqual(
      acknowledged.filter((number) => !got.has(number)),
      [],
    );
    const firstSights = [...got];
    assert.deepEqual(
      firstSights,
      firstSights.toSorted((a, b) => a - b),
    );

    await kill();
    const database = openDatabase(join(dir, 'state', 'edge.db'));
    const upstream = new Set(
      database
        .prepare('SELECT body FROM upstream')
        .all()
        .map(({ body }) => Number(Buffer.from(body as Uint8Array).toString())),
    );
    database.close();
    assert.deepEqual(
      acknowledged.filter((number) => !upstream.has(number)),
      [],
    );
  });

  // The message ids are the numbers plus one.
  async function collect(client: RawMqtt, acknowledged: number[]): Promise<void> {
    for (;;) {
      const packet = await client.next(4).catch(() => undefined);
      if (packet === undefined) return;
      acknowledged.push(packet.body.readUInt16BE(0) - 1);
    }
  }

  async function receive(client: RawMqtt, received: number[]): Promise<void> {
    for (;;) {
      const packet = await client.next(3).catch(() => undefined);
      if (packet === undefined) return;
      const topic = packet.body.readUInt16BE(0);
      received.push(Number(packet.body.subarray(2 + topic + 2).toString()));
      client.acknowledge(packet);
    }
  }
});
