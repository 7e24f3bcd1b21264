import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HubProcess } from '../../tools/local-edge/src/testing/hub-process.ts';
import { receiveAll, sendAll } from '../../tools/local-edge/src/testing/load.ts';
import { manifestOf } from '../../tools/local-edge/src/testing/manifest.ts';

// A backlog of any size: filled, the hub killed, drained. `node bench/hub/backlog.ts [MESSAGES]`.
const count = Number(process.argv[2] ?? 100_000);
const senders = ['a1', 'a2', 'a3', 'a4'];

const dir = await mkdtemp(join(tmpdir(), 'edgeveil-bench-'));
const manifest = manifestOf({
  modules: Object.fromEntries([...senders, 'b'].map((name) => [name, {}])),
  routes: { i: 'FROM /messages/* INTO BrokeredEndpoint("/modules/b/inputs/i")' },
});
const hub = new HubProcess({ manifest, stateDir: join(dir, 'state') });
const seconds = (since: number) => ((performance.now() - since) / 1000).toFixed(1);
const peak = async () => `${Math.round((await hub.peakBytes()) / 1e6)} MB at most`;
try {
  await hub.start();
  const subscriber = await hub.login('b');
  await subscriber.subscribe('devices/edge/modules/b/inputs/#');
  subscriber.socket.destroy();

  let begun = performance.now();
  const filler = 'x'.repeat(200);
  await Promise.all(
    senders.map(async (sender) => {
      const texts = Array.from({ length: count / senders.length }, (_, n) => `${sender} ${n} ${filler}`);
      await sendAll(await hub.login(sender), sender, texts, { window: 200 });
    }),
  );
  console.log(`${count} messages of 200 B acknowledged in ${seconds(begun)} s, ${await peak()}`);

  await hub.kill();
  begun = performance.now();
  await hub.start();
  console.log(`killed and up again in ${seconds(begun)} s, ${await peak()}`);

  begun = performance.now();
  const next = new Map(senders.map((sender) => [sender, 0]));
  let [arrived, misplaced] = [0, 0];
  const consumer = await hub.login('b');
  await receiveAll(consumer, ({ text }) => {
    const [sender = '', number] = text.split(' ');
    if (Number(number) !== next.get(sender)) misplaced += 1;
    next.set(sender, Number(number) + 1);
    arrived += 1;
    if (arrived === count) consumer.socket.destroy();
  });
  console.log(`drained ${arrived} in ${seconds(begun)} s, ${misplaced} out of order, ${await peak()}`);
} finally {
  await hub.kill();
  await rm(dir, { recursive: true, force: true });
}
