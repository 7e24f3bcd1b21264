import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EdgeMessage } from '../mqtt/edge-message.ts';
import { openDatabase } from '../store/database.ts';
import { EndpointPump } from './endpoint-pump.ts';
import { EndpointQueue } from './endpoint-queue.ts';
import { type InputConnection, ModuleChannel } from './module-channel.ts';
import { QueueStore } from './queue-store.ts';
import type { QueuedMessage } from './stored-queue.ts';
import { UpstreamStore } from './upstream-store.ts';

const low = 2_000_000_000;

describe('delivery', () => {
  let database: DatabaseSync;
  let store: QueueStore;

  beforeEach(() => {
    database = openDatabase(':memory:');
    store = new QueueStore(database);
  });

  afterEach(() => database.close());

  function append(body: string, priority = low, expiresAt?: number, endpoint = 'e'): QueuedMessage {
    return store.open(endpoint, priority).append('head', Buffer.from(body), expiresAt);
  }

  function add(queue: EndpointQueue, body: string, priority = low, expiresAt?: number): void {
    queue.push(priority, append(body, priority, expiresAt));
  }

  function drain(queue: EndpointQueue): string[] {
    const bodies: string[] = [];
    for (let window = queue.first(); window !== undefined; window = queue.first()) {
      bodies.push(window.head()?.body.toString() ?? '');
      window.shift();
    }
    return bodies;
  }

  const rows = () => Number(database.prepare('SELECT count(*) AS count FROM queue').get()?.count);

  describe('EndpointQueue', () => {
    it('gives back in order what it got, however much that is', () => {
      const queue = new EndpointQueue(store, 'e');
      const bodies = Array.from({ length: 1000 }, (_, n) => String(n));
      for (const body of bodies) add(queue, body);
      assert.deepEqual(drain(queue), bodies);
      store.prepare(true);
      assert.equal(rows(), 0);
    });

    it('gives back in order what comes while it is read', () => {
      const queue = new EndpointQueue(store, 'e');
      const got: string[] = [];
      for (let n = 0; n < 500; n += 1) {
        add(queue, String(n));
        if (n % 3 === 0) continue;
        const window = queue.first();
        got.push(window?.head()?.body.toString() ?? '');
        window?.shift();
      }
      assert.deepEqual(
        [...got, ...drain(queue)],
        Array.from({ length: 500 }, (_, n) => String(n)),
      );
    });

    it('finds what an earlier run left, of every priority, the highest first', () => {
      append('c', low);
      append('b', 5);
      append('a', 0);
      append('x', 0, undefined, 'other');
      const again = new QueueStore(database);
      assert.deepEqual(
        again.status().map(({ endpoint, priority, messages }) => [endpoint, priority, messages]),
        [
          ['e', 0, 1],
          ['e', 5, 1],
          ['e', low, 1],
          ['other', 0, 1],
        ],
      );
      assert.deepEqual(drain(new EndpointQueue(again, 'e')), ['a', 'b', 'c']);
    });

    it('goes on behind what an earlier run left', () => {
      append('1');
      const again = new QueueStore(database);
      const queue = new EndpointQueue(again, 'e');
      queue.push(low, again.open('e', low).append('head', Buffer.from('2'), undefined));
      assert.deepEqual(drain(queue), ['1', '2']);
    });

    it('does not take a message twice that it had read before it was told of it', () => {
      const queue = new EndpointQueue(store, 'e');
      for (let n = 0; n < 100; n += 1) add(queue, String(n));
      const last = append('last');
      const bodies = drain(queue);
      queue.push(low, last);
      assert.equal(bodies.at(-1), 'last');
      assert.deepEqual(drain(queue), []);
    });

    it('holds little of a long queue in memory', () => {
      const queue = new EndpointQueue(store, 'e');
      const body = 'x'.repeat(250_000);
      for (let n = 0; n < 20; n += 1) add(queue, body);
      let read = 0;
      const window = queue.first();
      const before = window?.head();
      for (let n = 0; n < 5; n += 1) window?.shift();
      read = store.open('e', low).read(before?.seq ?? 0, 64, 1_048_576).length;
      assert.equal(read, 5);
    });
  });

  describe('QueueStore', () => {
    it('counts what waits, takes back what was rolled back, and counts the same after a restart', () => {
      const queue = new EndpointQueue(store, 'e');
      for (const body of ['1', '22', '333']) add(queue, body);
      store.committed();
      const size = (body: string) => 'head'.length + body.length + 24;
      const before = store.bytes;
      assert.equal(before, size('1') + size('22') + size('333'));

      database.exec('BEGIN');
      append('4444');
      append('new', 3);
      database.exec('ROLLBACK');
      store.rolledBack();
      assert.equal(store.bytes, before);
      append('new', 3);

      queue.first()?.shift();
      store.prepare(true);
      store.committed();
      assert.deepEqual(new QueueStore(database).status(), store.status());
      assert.deepEqual(
        store.status().map(({ priority, messages, bytes }) => [priority, messages, bytes]),
        [
          [3, 1, size('new')],
          [low, 2, size('22') + size('333')],
        ],
      );
    });

    it('keeps a removal for the next transaction when one fails', () => {
      const queue = new EndpointQueue(store, 'e');
      add(queue, '1');
      store.committed();
      queue.first()?.shift();
      database.exec('BEGIN');
      store.prepare(true);
      database.exec('ROLLBACK');
      store.rolledBack();
      assert.equal(rows(), 1);
      store.prepare(true);
      store.committed();
      assert.equal(rows(), 0);
    });

    it('does not let a delivery that ends late touch a queue made anew', () => {
      const queue = new EndpointQueue(store, 'e');
      for (const body of ['1', '2', '3']) add(queue, body);
      const window = queue.first();
      assert.equal(store.dropEndpoint('e'), 3);
      store.committed();
      store.forget('e');
      append('new');
      window?.shift();
      store.prepare(true);
      assert.equal(rows(), 1);
      assert.equal(store.open('e', low).messages, 1);
    });

    it('deletes what has expired behind the window, and counts it once', () => {
      const queue = new EndpointQueue(store, 'e');
      for (let n = 0; n < 200; n += 1) add(queue, String(n), low, n % 2 === 0 ? 1000 : undefined);
      queue.first();
      queue.expire(1000);
      store.committed();
      // 64 are in the window, and looked at when it is their turn.
      assert.equal(rows(), 64 + (200 - 64) / 2);
      assert.equal(store.open('e', low).messages, rows());
      assert.equal(drain(queue).length, 64 + (200 - 64) / 2);
      assert.equal(store.bytes, 0);
    });
  });

  describe('EndpointPump', () => {
    /** Acknowledges as `answer` says, one turn of the event loop later. */
    function connectionOf(answer: (body: string) => boolean): InputConnection & { readonly tried: string[] } {
      const tried: string[] = [];
      return {
        tried,
        deliver(_topic, payload, _timeoutMs, settle) {
          tried.push(payload.toString());
          const isAcknowledged = answer(payload.toString());
          setImmediate(() => settle(isAcknowledged));
        },
      };
    }

    function pumpOf(queue: EndpointQueue, channel: ModuleChannel, now = 0): { pump: EndpointPump; removed: string[] } {
      const removed: string[] = [];
      const onRemoved = ({ body }: QueuedMessage, reason: string) => removed.push(`${reason} ${body.toString()}`);
      return { pump: new EndpointPump({ queue, channel, topic: 't/', onRemoved, clock: () => now }), removed };
    }

    async function until(holds: () => boolean): Promise<void> {
      while (!holds()) await nextTurn();
    }

    it('looks for a higher priority after every ten messages', async () => {
      const queue = new EndpointQueue(store, 'e');
      for (let n = 0; n < 15; n += 1) add(queue, `low ${n}`);
      const channel = new ModuleChannel(1000);
      const { pump, removed } = pumpOf(queue, channel);
      const connection = connectionOf((body) => {
        if (body === 'low 2') pump.push(0, append('high', 0));
        return true;
      });
      pump.start();
      channel.open(connection);
      await until(() => removed.length === 16);
      assert.equal(connection.tried.indexOf('high'), 10);
    });

    it('delivers the same message again until it is acknowledged', async () => {
      const queue = new EndpointQueue(store, 'e');
      for (const body of ['1', '2']) add(queue, body);
      const channel = new ModuleChannel(1000);
      const { pump, removed } = pumpOf(queue, channel);
      const connection = connectionOf(() => connection.tried.length > 3);
      pump.start();
      channel.open(connection);
      await until(() => removed.length === 2);
      assert.deepEqual(connection.tried, ['1', '1', '1', '1', '2']);
    });

    it('skips what has expired by the time it is its turn, however much that is', async () => {
      const queue = new EndpointQueue(store, 'e');
      for (let n = 0; n < 1000; n += 1) add(queue, 'old', low, 999);
      add(queue, 'just', low, 1000);
      add(queue, 'new', low, 1001);
      const channel = new ModuleChannel(1000);
      const { pump, removed } = pumpOf(queue, channel, 1000);
      const connection = connectionOf(() => true);
      pump.start();
      channel.open(connection);
      await until(() => removed.length === 1002);
      assert.deepEqual(removed.slice(-2), ['expired just', 'delivered new']);
      assert.deepEqual(connection.tried, ['new']);
    });

    it('keeps one message in flight for all inputs of a module, in turn', async () => {
      const [one, two] = [new EndpointQueue(store, 'one'), new EndpointQueue(store, 'two')];
      for (const body of ['1', '2', '3']) {
        one.push(low, append(`a${body}`, low, undefined, 'one'));
        two.push(low, append(`b${body}`, low, undefined, 'two'));
      }
      const channel = new ModuleChannel(1000);
      const pumps = [pumpOf(one, channel), pumpOf(two, channel)];
      let inFlight = 0;
      let most = 0;
      const tried: string[] = [];
      for (const { pump } of pumps) pump.start();
      channel.open({
        deliver: (_topic, payload, _timeoutMs, settle) => {
          tried.push(payload.toString());
          inFlight += 1;
          most = Math.max(most, inFlight);
          setImmediate(() => {
            inFlight -= 1;
            settle(true);
          });
        },
      });
      await until(() => pumps.every(({ removed }) => removed.length === 3));
      assert.equal(most, 1);
      assert.deepEqual(tried, ['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
    });

    it('waits while the module is away, and goes on with the message that was under way', async () => {
      const queue = new EndpointQueue(store, 'e');
      for (const body of ['1', '2', '3']) add(queue, body);
      const channel = new ModuleChannel(1000);
      const { pump, removed } = pumpOf(queue, channel);
      const first = connectionOf((body) => {
        if (body === '2') channel.close(first);
        return body !== '2';
      });
      pump.start();
      channel.open(first);
      await until(() => first.tried.length === 2);
      await nextTurn();
      await nextTurn();
      assert.deepEqual(removed, ['delivered 1']);
      const second = connectionOf(() => true);
      channel.open(second);
      await until(() => removed.length === 3);
      assert.deepEqual(second.tried, ['2', '3']);
    });
  });

  describe('UpstreamStore', () => {
    function messageOf(body: string): EdgeMessage {
      return { body: Buffer.from(body), properties: new Map(), systemProperties: new Map() };
    }

    it('drops the oldest beyond its bounds, counts all, and knows the counts after a restart', () => {
      const bounds = { maxMessages: 100, maxBytes: 1_000_000 };
      const upstream = new UpstreamStore(database, bounds);
      for (let n = 0; n < 250; n += 1) upstream.append(messageOf(String(n)), '[[],[]]', n);
      for (const each of [upstream, new UpstreamStore(database, bounds)]) {
        assert.equal(each.total, 250);
        assert.ok(each.count <= 100 && each.count >= 90, String(each.count));
        assert.equal([...each.messages()].length, each.count);
      }
      assert.equal([...upstream.messages(248)].map(({ body }) => body.toString()).join(), '248,249');
    });

    it('is bounded in bytes as well, and keeps the newest message whatever its size', () => {
      const upstream = new UpstreamStore(database, { maxMessages: 1000, maxBytes: 50_000 });
      for (let n = 0; n < 100; n += 1) upstream.append(messageOf('x'.repeat(1000)), '[[],[]]', n);
      assert.ok(upstream.count < 50 && upstream.count > 30, String(upstream.count));
      upstream.append(messageOf('x'.repeat(60_000)), '[[],[]]', 100);
      assert.equal(upstream.count, 1);
    });
  });
});
