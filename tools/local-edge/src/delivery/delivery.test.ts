import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EdgeMessage } from '../mqtt/edge-message.ts';
import { openDatabase } from '../store/database.ts';
import { GroupCommit } from '../store/group-commit.ts';
import { EndpointPump } from './endpoint-pump.ts';
import { EndpointQueue } from './endpoint-queue.ts';
import { type QueuedMessage, QueueStore } from './queue-store.ts';
import { UpstreamStore } from './upstream-store.ts';

const low = 2_000_000_000;

function messageOf(body: string): EdgeMessage {
  return {
    body: Buffer.from(body),
    properties: new Map([
      ['__proto__', 'p'],
      ['1', 'one'],
    ]),
    systemProperties: new Map(),
  };
}

describe('delivery', () => {
  let database: DatabaseSync;
  let store: QueueStore;

  beforeEach(() => {
    database = openDatabase(':memory:');
    store = new QueueStore(database);
  });

  afterEach(() => database.close());

  function add(queue: EndpointQueue, body: string, priority = low, expiresAt?: number): void {
    const message = messageOf(body);
    queue.push(priority, { seq: store.append('e', priority, message, 0, expiresAt), message, expiresAt });
  }

  function drain(queue: EndpointQueue): string[] {
    const bodies: string[] = [];
    for (let window = queue.first(); window !== undefined; window = queue.first()) {
      const queued = window.head();
      bodies.push(queued?.message.body.toString() ?? '');
      window.shift();
      if (queued !== undefined) store.remove(queued.seq);
    }
    return bodies;
  }

  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await nextTurn();
  }

  describe('EndpointQueue', () => {
    it('gives back in order what it got, however much that is', () => {
      const queue = new EndpointQueue(store, 'e');
      const bodies = Array.from({ length: 1000 }, (_, n) => String(n));
      for (const body of bodies) add(queue, body);
      assert.deepEqual(drain(queue), bodies);
      assert.deepEqual([...store.counts('e')], []);
    });

    it('gives back in order what comes while it is read', () => {
      const queue = new EndpointQueue(store, 'e');
      const got: string[] = [];
      for (let n = 0; n < 500; n += 1) {
        add(queue, String(n));
        if (n % 3 === 0) continue;
        const window = queue.first();
        got.push(window?.head()?.message.body.toString() ?? '');
        window?.shift();
      }
      assert.deepEqual(
        [...got, ...drain(queue)],
        Array.from({ length: 500 }, (_, n) => String(n)),
      );
    });

    it('finds what an earlier run left, of every priority, the highest first', () => {
      for (const [body, priority] of [
        ['c', low],
        ['b', 5],
        ['a', 0],
      ] as const)
        store.append('e', priority, messageOf(body), 0, undefined);
      store.append('other', 0, messageOf('x'), 0, undefined);
      assert.deepEqual(drain(new EndpointQueue(store, 'e')), ['a', 'b', 'c']);
    });

    it('does not take a message twice that it had read before it was told of it', () => {
      const queue = new EndpointQueue(store, 'e');
      for (let n = 0; n < 100; n += 1) add(queue, String(n));
      const message = messageOf('last');
      const seq = store.append('e', low, message, 0, undefined);
      const bodies = drain(queue);
      queue.push(low, { seq, message, expiresAt: undefined });
      assert.equal(bodies.at(-1), 'last');
      assert.deepEqual(drain(queue), []);
    });

    it('keeps properties as they were, whatever they are called', () => {
      store.append('e', low, messageOf('x'), 0, undefined);
      const queued = new EndpointQueue(store, 'e').first()?.head();
      assert.deepEqual(
        [...(queued?.message.properties ?? [])],
        [
          ['__proto__', 'p'],
          ['1', 'one'],
        ],
      );
    });
  });

  describe('EndpointPump', () => {
    function pumpOf(
      queue: EndpointQueue,
      deliver: (queued: QueuedMessage) => Promise<boolean>,
      now = 0,
    ): { pump: EndpointPump; removed: string[] } {
      const removed: string[] = [];
      const pump = new EndpointPump({
        queue,
        delivery: { deliver },
        remove: ({ message }, reason) => removed.push(`${reason} ${message.body.toString()}`),
        clock: () => now,
      });
      return { pump, removed };
    }

    it('looks for a higher priority after every ten messages', async () => {
      const queue = new EndpointQueue(store, 'e');
      for (let n = 0; n < 15; n += 1) add(queue, `low ${n}`);
      const delivered: string[] = [];
      const { pump } = pumpOf(queue, async ({ message }) => {
        delivered.push(message.body.toString());
        if (delivered.length === 3) add(queue, 'high', 0);
        return true;
      });
      pump.start();
      await until(() => delivered.length === 16);
      await pump.stop();
      assert.equal(delivered.indexOf('high'), 10);
    });

    it('delivers the same message again until it is acknowledged', async () => {
      const queue = new EndpointQueue(store, 'e');
      for (const body of ['1', '2']) add(queue, body);
      const tried: string[] = [];
      const { pump, removed } = pumpOf(queue, async ({ message }) => {
        tried.push(message.body.toString());
        return tried.length > 3;
      });
      pump.start();
      await until(() => removed.length === 2);
      await pump.stop();
      assert.deepEqual(tried, ['1', '1', '1', '1', '2']);
    });

    it('skips what has expired by the time it is its turn', async () => {
      const queue = new EndpointQueue(store, 'e');
      add(queue, 'old', low, 999);
      add(queue, 'just', low, 1000);
      add(queue, 'new', low, 1001);
      const { pump, removed } = pumpOf(queue, async () => true, 1000);
      pump.start();
      await until(() => removed.length === 3);
      await pump.stop();
      assert.deepEqual(removed, ['expired old', 'expired just', 'delivered new']);
    });
  });

  describe('GroupCommit', () => {
    it('commits what comes in one turn together, in order', async () => {
      const commit = new GroupCommit(database);
      const writes = ['a', 'b', 'c'].map((body) =>
        commit.run(() => void store.append('e', low, messageOf(body), 0, undefined)),
      );
      assert.deepEqual([...store.counts('e')], []);
      await Promise.all(writes);
      assert.deepEqual(drain(new EndpointQueue(store, 'e')), ['a', 'b', 'c']);
    });

    it('stores nothing of a group that the disk refuses, and goes on when there is room', async () => {
      const commit = new GroupCommit(database);
      const { page_count: pages } = database.prepare('PRAGMA page_count').get() ?? {};
      database.exec(`PRAGMA max_page_count=${Number(pages) + 4}`);
      const big = () => void store.append('e', low, messageOf('x'.repeat(100_000)), 0, undefined);
      const small = () => void store.append('e', low, messageOf('small'), 0, undefined);
      const results = await Promise.allSettled([commit.run(small), commit.run(big)]);
      assert.deepEqual(
        results.map(({ status }) => status),
        ['rejected', 'rejected'],
      );
      assert.deepEqual([...store.counts('e')], []);
      await commit.run(small);
      assert.equal(store.counts('e').get(low), 1);
    });
  });

  describe('UpstreamStore', () => {
    it('drops the oldest beyond its bound, counts all, and knows the counts after a restart', () => {
      const upstream = new UpstreamStore(database, 100);
      for (let n = 0; n < 250; n += 1) upstream.append(messageOf(String(n)), n);
      const again = new UpstreamStore(database, 100);
      for (const each of [upstream, again]) {
        assert.equal(each.total, 250);
        assert.ok(each.count <= 100 && each.count >= 90, String(each.count));
        assert.equal([...each.messages()].length, each.count);
      }
      assert.equal([...upstream.messages(248)].map(({ body }) => body.toString()).join(), '248,249');
    });
  });
});
