import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { HubProcess } from '../testing/hub-process.ts';
import { receiveAll, sendAll, until } from '../testing/load.ts';
import { manifestOf } from '../testing/manifest.ts';

// bench/hub runs the same with 100 000.
const count = 20_000;
const senders = ['a1', 'a2', 'a3', 'a4'];
const maxMemoryBytes = 200_000_000;

describe('a hub whose consumer is stopped', function () {
  this.timeout(120_000);

  let dir: string;
  let hub: HubProcess;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
    const manifest = manifestOf({
      modules: { a1: {}, a2: {}, a3: {}, a4: {}, b: {} },
      routes: { i: 'FROM /messages/* INTO BrokeredEndpoint("/modules/b/inputs/i")' },
    });
    hub = new HubProcess({ manifest, stateDir: join(dir, 'state') });
  });

  afterEach(async () => {
    await hub.kill();
    await rm(dir, { recursive: true, force: true });
  });

  it(`keeps ${count} messages over a kill, brings each sender's in order, and takes no more memory for it`, async () => {
    await hub.start();
    const subscriber = await hub.login('b');
    await subscriber.subscribe('devices/edge/modules/b/inputs/#');
    subscriber.socket.destroy();

    const each = count / senders.length;
    const filler = 'x'.repeat(200);
    await Promise.all(
      senders.map(async (sender) => {
        const texts = Array.from({ length: each }, (_, n) => `${sender} ${n} ${filler}`);
        await sendAll(await hub.login(sender), sender, texts, { window: 200 });
      }),
    );
    if (platform() === 'linux') assert.ok((await hub.peakBytes()) < maxMemoryBytes, String(await hub.peakBytes()));
    await hub.kill();
    await hub.start();

    const next = new Map(senders.map((sender) => [sender, 0]));
    let arrived = 0;
    const consumer = await hub.login('b');
    const receiving = receiveAll(consumer, ({ text }) => {
      const [sender = '', number] = text.split(' ');
      assert.equal(Number(number), next.get(sender));
      next.set(sender, Number(number) + 1);
      arrived += 1;
      if (arrived === count) consumer.socket.destroy();
    });
    await receiving;
    await until(() => consumer.socket.destroyed);
    assert.equal(arrived, count);
    if (platform() === 'linux') assert.ok((await hub.peakBytes()) < maxMemoryBytes, String(await hub.peakBytes()));
  });
});
