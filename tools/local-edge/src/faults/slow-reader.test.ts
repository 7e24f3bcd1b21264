import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalEdge } from '../local-edge.ts';
import { startLocalEdge } from '../start-local-edge.ts';
import { rawLogin } from '../testing/hub-process.ts';
import { receiveAll, sendAll } from '../testing/load.ts';
import { manifestOf } from '../testing/manifest.ts';
import type { RawMqtt } from '../testing/raw-mqtt.ts';

describe('a client that does not read', function () {
  this.timeout(60_000);

  let dir: string;
  let edge: LocalEdge;
  let warnings: string[];
  const clients: RawMqtt[] = [];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
    warnings = [];
    const manifest = manifestOf({
      modules: { a: {}, deaf: {}, b: {} },
      routes: {
        d: 'FROM /messages/modules/a/* INTO BrokeredEndpoint("/modules/deaf/inputs/i")',
        b: 'FROM /messages/modules/a/* INTO BrokeredEndpoint("/modules/b/inputs/i")',
      },
    });
    edge = await startLocalEdge({
      manifest,
      stateDir: join(dir, 'state'),
      only: [],
      acceptAny: true,
      timing: { ackTimeoutMs: 200 },
      onWarning: ({ details }) => void warnings.push(String(details.error)),
    });
  });

  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.destroy();
    await edge.stop();
    await rm(dir, { recursive: true, force: true });
  });

  async function login(module: string): Promise<RawMqtt> {
    const client = await rawLogin(edge.address, join(dir, 'state'), module);
    clients.push(client);
    return client;
  }

  it('holds up nobody, is cut off when its TCP window is closed, and gets its messages when it comes back', async () => {
    const deaf = await login('deaf');
    await deaf.subscribe('devices/edge/modules/deaf/inputs/#');
    deaf.socket.pause();
    const texts = Array.from({ length: 30 }, (_, n) => String(n).padEnd(250_000, '.'));
    const got: string[] = [];
    const b = await login('b');
    await b.subscribe('devices/edge/modules/b/inputs/#');
    const receiving = receiveAll(b, ({ text }) => {
      got.push(text);
      // One that was acknowledged late comes twice.
      if (text === texts.at(-1)) b.socket.destroy();
    });
    await sendAll(await login('a'), 'a', texts, { window: 8 });
    await receiving;
    assert.deepEqual([...new Set(got)], texts);

    // What is sent again and again for want of an acknowledgement fills the connection.
    await edge.waitFor(() => !edge.clients().includes('edge/deaf'));
    assert.ok(warnings.some((warning) => warning.includes('edge/deaf does not read its messages')));

    const late: string[] = [];
    const again = await login('deaf');
    await receiveAll(again, ({ text }) => {
      late.push(text);
      if (text === texts.at(-1)) again.socket.destroy();
    });
    assert.deepEqual([...new Set(late)], texts);
  });

  it('is cut off when it asks for more than it reads', async () => {
    const reported = Object.fromEntries(Array.from({ length: 7 }, (_, n) => [`p${n}`, 'x'.repeat(4000)]));
    const deaf = await login('deaf');
    await deaf.subscribe('$iothub/twin/res/#', 0);
    deaf.send(3, 0, publishOf('$iothub/twin/PATCH/properties/reported/?$rid=0', JSON.stringify(reported)));
    await deaf.next(3);
    deaf.socket.pause();
    const isThere = () => edge.clients().includes('edge/deaf');
    for (let n = 0; n < 5000 && isThere(); n += 100) {
      for (let m = n; m < n + 100; m += 1) deaf.send(3, 0, publishOf(`$iothub/twin/GET/?$rid=${m}`, ' '));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await edge.waitFor(() => !isThere());
  });

  function publishOf(topic: string, payload: string): Buffer {
    const bytes = Buffer.from(topic);
    return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes, Buffer.from(payload)]);
  }
});
