import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../store/database.ts';
import { toBody } from '../store/message-head.ts';
import { HubProcess } from '../testing/hub-process.ts';
import { type Arrival, receiveAll, sendAll, until } from '../testing/load.ts';
import { manifestOf } from '../testing/manifest.ts';

const kills = 20;
const senders = ['a1', 'a2'];
// More than are acknowledged before the hub is killed.
const perRound = 400;

describe('a hub that is killed', function () {
  // Twenty starts of a process, each several times as long on a machine that is busy with other things.
  this.timeout(400_000);

  let dir: string;
  let hub: HubProcess;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-edge-'));
    const both = "/messages/* WHERE $connectionModuleId <> 'c'";
    const manifest = manifestOf({
      modules: { a1: {}, a2: {}, b: {} },
      routes: {
        i: `FROM ${both} INTO BrokeredEndpoint("/modules/b/inputs/i")`,
        j: { route: `FROM ${both} INTO BrokeredEndpoint("/modules/b/inputs/j")`, priority: 3 },
        u: `FROM ${both} INTO $upstream`,
      },
    });
    hub = new HubProcess({ manifest, stateDir: join(dir, 'state') });
  });

  afterEach(async () => {
    await hub.kill();
    await rm(dir, { recursive: true, force: true });
  });

  it(`${kills} times under load has lost nothing that it acknowledged, and keeps the order of each sender at each endpoint`, async () => {
    const acknowledged: string[] = [];
    const arrivals: Arrival[] = [];
    for (let round = 0; round < kills; round += 1) {
      await hub.start();
      const receiver = await hub.login('b');
      if (round === 0) await receiver.subscribe('devices/edge/modules/b/inputs/#');
      const receiving = receiveAll(receiver, (arrival) => arrivals.push(arrival));
      const before = acknowledged.length;
      const sending = senders.map(async (sender) => {
        const client = await hub.login(sender);
        const texts = Array.from({ length: perRound }, (_, n) => textOf(sender, round * perRound + n));
        await sendAll(client, sender, texts, { onAcknowledged: (index) => acknowledged.push(texts[index] ?? '') });
      });
      // Each time at another place in the stream.
      await until(() => acknowledged.length >= before + 20 + 13 * round);
      await hub.kill();
      await Promise.all([...sending, receiving]);
    }

    await hub.start();
    const receiver = await hub.login('b');
    const receiving = receiveAll(receiver, (arrival) => arrivals.push(arrival));
    // Queues keep their order, so that these come after whatever is left.
    const last = textOf('a1', kills * perRound);
    await sendAll(await hub.login('a1'), 'a1', [last]);
    const isThere = (input: string) => arrivals.some((arrival) => arrival.input === input && arrival.text === last);
    await until(() => (isThere('i') && isThere('j')) || receiver.socket.destroyed);
    receiver.socket.destroy();
    await receiving;
    await hub.kill();

    const database = openDatabase(join(dir, 'state', 'edge.db'));
    const upstream = database.prepare('SELECT body FROM upstream ORDER BY seq').all();
    database.close();
    const endpoints = {
      i: arrivals.filter(({ input }) => input === 'i').map(({ text }) => text),
      j: arrivals.filter(({ input }) => input === 'j').map(({ text }) => text),
      $upstream: upstream.map(({ body }) => toBody(body).toString()),
    };
    assert.ok(acknowledged.length > kills * 20);
    for (const [endpoint, texts] of Object.entries(endpoints)) {
      const seen = new Set(texts);
      const lost = acknowledged.filter((text) => !seen.has(text));
      assert.deepEqual(lost, [], `lost at ${endpoint}`);
      for (const sender of senders) {
        const firstSights = [...seen].filter((text) => text.startsWith(sender));
        assert.deepEqual(firstSights, firstSights.toSorted(), `order of ${sender} at ${endpoint}`);
      }
    }
    // Nothing arrives in the cloud twice, whatever happens.
    assert.equal(new Set(endpoints.$upstream).size, endpoints.$upstream.length);
  });

  function textOf(sender: string, number: number): string {
    return `${sender} ${String(number).padStart(6, '0')}`;
  }
});
