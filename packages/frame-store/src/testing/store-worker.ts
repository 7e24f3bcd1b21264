import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { FileStore } from '../file-store.ts';
import { Keyring } from '../keyring.ts';

/** One process of several at a store, for tests: prints a line for each thing done. */
const [, , task = '', dir = '', owner = '', count = '0'] = process.argv;
const store = await FileStore.open({ dir, keyring: await Keyring.open(`${dir}/key.json`) });
const say = (line: string) => process.stdout.write(`${line}\n`);

if (task === 'put') {
  // Several at a time, of all sizes, so that a kill hits every step of a put.
  await Promise.all(Array.from({ length: 4 }, () => putLoop(Number(count) / 4)));
} else if (task === 'consume') {
  await consume();
  await store.close();
} else {
  const lease = await store.claim(count, { owner, instance: String(process.pid), leaseMs: 3_600_000 });
  say(`attempt ${lease?.attempt}`);
  setInterval(() => undefined, 1000);
}

async function putLoop(items: number): Promise<void> {
  for (let i = 0; i < items; i++) {
    const id = `${Date.now().toString(36).padStart(9, '0')}-${randomBytes(12).toString('hex')}`;
    const payload = Buffer.alloc((i * 7919) % 300_000, id);
    await store.put({ id, meta: { length: payload.length }, payload });
    say(id);
  }
}

/** Claims, reads and settles whatever is there, until the standard input has ended and nothing is left. */
async function consume(): Promise<void> {
  let isLastRound = false;
  process.stdin.on('end', () => {
    isLastRound = true;
  });
  process.stdin.resume();
  for (let found = -1; found !== 0 || !isLastRound; ) {
    found = 0;
    for await (const id of store.pending()) {
      found++;
      const lease = await store.claim(id, { owner, instance: String(process.pid), leaseMs: 60_000 });
      if (lease === undefined) {
        continue;
      }
      const item = await store.read(id);
      if (item === undefined || !item.payload.equals(Buffer.alloc(item.payload.length, id))) {
        say(`bad ${id}`);
      }
      await store.settle(id);
      say(id);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
