import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import { DeliveryStore } from '../delivery/delivery-store.ts';
import { createEdgeEmitter, type EdgeEmitter } from '../events.ts';
import { toEdgeMessage } from '../outgoing-message.ts';
import { compileRoute, type Route } from '../routing/route.ts';
import { openDatabase } from '../store/database.ts';
import { Router } from './router.ts';

function routeOf(text: string, timeToLiveSecs = 0): Route {
  const compiled = compileRoute({ name: 'r', text, priority: 2_000_000_000, timeToLiveSecs }, 'D');
  assert.ok(compiled.ok);
  return compiled.route;
}

const toB = 'FROM /messages/* INTO BrokeredEndpoint("/modules/b/inputs/i")';
const from = (body: string) => toEdgeMessage({ body }, { deviceId: 'D', moduleId: 'a', output: 'o' });

describe('Router', () => {
  let database: DatabaseSync;
  let store: DeliveryStore;
  let events: EdgeEmitter;
  let router: Router;
  let warnings: string[];
  let now: number;

  beforeEach(() => {
    database = openDatabase(':memory:');
    events = createEdgeEmitter();
    warnings = [];
    now = 1_000_000;
    events.on('warning', ({ message }) => warnings.push(message));
    open();
  });

  function open(maxQueueBytes = 1_000_000_000): void {
    const upstream = { maxMessages: 1000, maxBytes: 1_000_000 };
    const clock = () => now;
    store = new DeliveryStore({ database, maxQueueBytes, upstream, events, clock });
    router = new Router({ deviceId: 'D', store, events, ackTimeoutMs: 1000, clock });
  }

  const low = 2_000_000_000;
  const waiting = (endpoint = 'D/b/i', priority = low) =>
    store.queues.open(endpoint, priority).read(0, 100, 100_000_000);
  const bodies = (messages: Iterable<{ readonly body: Buffer }>) => [...messages].map(({ body }) => body.toString());

  afterEach(async () => {
    await router.stop();
    database.close();
  });

  it('drops a message that no route takes, and says who got the others', async () => {
    const seen: number[] = [];
    events.on('message', ({ results }) => seen.push(results.length));
    router.setRoutes([routeOf('FROM /messages/modules/x/* INTO $upstream')], 7200);
    await router.route(from('lost'));
    router.setRoutes([routeOf(toB), routeOf('FROM /* INTO $upstream')], 7200);
    await router.route(from('kept'));
    assert.deepEqual(seen, [0, 2]);
    assert.equal(store.queues.open('D/b/i', low).messages, 1);
  });

  it('fixes the time to live when a message is stored: the route’s, else the hub’s, negative for ever', async () => {
    const expiries = () => waiting().map(({ expiresAt }) => expiresAt);
    router.setRoutes([routeOf(toB, 60)], 7200);
    await router.route(from('1'));
    router.setRoutes([routeOf(toB)], 7200);
    await router.route(from('2'));
    router.setRoutes([routeOf(toB)], -1);
    await router.route(from('3'));
    assert.deepEqual(expiries(), [now + 60_000, now + 7_200_000, undefined]);
  });

  it('deletes what waits for an endpoint when the last route to it goes', async () => {
    router.setRoutes([routeOf(toB)], 7200);
    await router.route(from('1'));
    router.setRoutes([routeOf('FROM /* INTO $upstream')], 7200);
    assert.deepEqual(store.queues.endpoints(), ['$upstream']);
    assert.equal(warnings.length, 1);
  });

  it('takes another set of routes while it runs: what still has a route stays, in order', async () => {
    const delivered: string[] = [];
    const toC = 'FROM /messages/* INTO BrokeredEndpoint("/modules/c/inputs/i")';
    router.setRoutes([routeOf(toB), routeOf(toC)], 7200);
    await router.route(from('1'));
    router.setRoutes([routeOf(toB)], 7200);
    await router.route(from('2'));
    const open = (module: string) =>
      router.channel(module).open({
        deliver: (_topic, payload, _timeoutMs, settle) => {
          delivered.push(`${module}${payload.toString()}`);
          setImmediate(() => settle(true));
        },
      });
    const done = new Promise<void>((resolve) => events.on('delivered', () => delivered.length >= 2 && resolve()));
    open('c');
    open('b');
    await done;
    router.setRoutes([routeOf(toB), routeOf(toC)], 7200);
    assert.deepEqual(delivered, ['b1', 'b2']);
    assert.deepEqual(
      router.routes.map(({ endpoint }) => [endpoint.id, waiting(endpoint.id).length]),
      [
        ['D/b/i', 0],
        ['D/c/i', 0],
      ],
    );
  });

  it('makes senders wait while the disk refuses, and loses nothing', async () => {
    router.setRoutes([routeOf(toB)], 7200);
    const { page_count: pages } = database.prepare('PRAGMA page_count').get() ?? {};
    database.exec(`PRAGMA max_page_count=${Number(pages) + 2}`);
    let stored = 0;
    const sends = ['1', '2', '3'].map(async (body) => {
      await router.route(from(body.repeat(50_000)));
      stored += 1;
    });
    await new Promise((resolve) => events.once('warning', resolve));
    assert.equal(stored, 0);
    database.exec('PRAGMA max_page_count=1000000');
    await Promise.all(sends);
    assert.deepEqual(
      bodies(waiting()).map((body) => body[0]),
      ['1', '2', '3'],
    );
    while (warnings.length < 2) await new Promise((resolve) => events.once('warning', resolve));
    assert.deepEqual(warnings, ['messages cannot be stored, senders wait', 'messages can be stored again']);
  });

  it('makes senders wait at the bound of its queues, stores in order when there is room again, and tells of both', async () => {
    open(1500);
    router.setRoutes([routeOf(toB)], 7200);
    const stored: string[] = [];
    const sends = ['1', '2', '3', '4', '5'].map(async (body) => {
      await router.route(from(body.repeat(500)));
      stored.push(body);
    });
    await Promise.all(sends.slice(0, 2));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(stored, ['1', '2']);
    router.channel('b').open({
      deliver: (_topic, _payload, _timeoutMs, settle) => setImmediate(() => settle(true)),
    });
    await Promise.all(sends);
    assert.deepEqual(stored, ['1', '2', '3', '4', '5']);
    while (warnings.length < 2) await new Promise((resolve) => events.once('warning', resolve));
    assert.deepEqual(warnings, ['messages cannot be stored, senders wait', 'messages can be stored again']);
  });

  it('takes a message bigger than the bound when nothing else waits', async () => {
    open(100);
    router.setRoutes([routeOf(toB)], 7200);
    await router.route(from('x'.repeat(1000)));
    assert.equal(waiting().length, 1);
  });

  it('makes room of what has expired while senders wait', async () => {
    open(2_600_000);
    router.setRoutes([routeOf(toB, 10)], 7200);
    const body = 'x'.repeat(250_000);
    // About four of these are held in memory, and looked at when it is their turn.
    for (let n = 0; n < 10; n += 1) await router.route(from(body));
    const last = router.route(from(`last${body}`));
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(store.commit.isRefused);
    now += 20_000;
    await last;
    assert.equal(bodies(waiting()).at(-1)?.slice(0, 4), 'last');
    assert.ok(waiting().length < 7);
  });

  describe('with $upstream off', () => {
    const toCloud = (priority: number, timeToLiveSecs = 0): Route => ({
      ...routeOf('FROM /messages/* INTO $upstream', timeToLiveSecs),
      priority,
    });

    async function untilArrived(count: number): Promise<void> {
      while (store.upstream.total < count) await new Promise((resolve) => events.once('upstream', resolve));
    }

    it('lets messages wait, and brings them in order of priority and age when it is on again', async () => {
      router.setRoutes([toCloud(3)], 7200);
      await router.route(from('before'));
      store.setOffline(true);
      for (let n = 0; n < 200; n += 1) await router.route(from(`three ${n}`));
      router.setRoutes([toCloud(3), { ...toCloud(1), matches: ({ body }) => body.toString() === 'urgent' }], 7200);
      await router.route(from('urgent'));
      assert.equal(store.upstream.total, 1);
      assert.deepEqual(
        store.queues.status().map(({ endpoint, priority, messages }) => [endpoint, priority, messages]),
        [
          ['$upstream', 1, 1],
          ['$upstream', 3, 200],
        ],
      );
      store.setOffline(false);
      // Comes while the others still drain.
      await router.route(from('after'));
      await untilArrived(203);
      assert.deepEqual(bodies(store.upstream.messages()), [
        'before',
        'urgent',
        ...Array.from({ length: 200 }, (_, n) => `three ${n}`),
        'after',
      ]);
      assert.equal(store.queues.bytes, 0);
    });

    it('drops what outlives its time there', async () => {
      const expired: string[] = [];
      events.on('expired', ({ endpoint }) => expired.push(endpoint));
      router.setRoutes([toCloud(3, 60)], 7200);
      store.setOffline(true);
      await router.route(from('old'));
      now += 60_000;
      await router.route(from('new'));
      store.setOffline(false);
      await untilArrived(1);
      assert.deepEqual(bodies(store.upstream.messages()), ['new']);
      assert.deepEqual(expired, ['$upstream']);
    });

    it('stays off over a restart, and says so', async () => {
      router.setRoutes([toCloud(3)], 7200);
      store.setOffline(true);
      await router.route(from('1'));
      await router.stop();
      open();
      router.setRoutes([toCloud(3)], 7200);
      await router.route(from('2'));
      assert.equal(store.upstream.total, 0);
      assert.deepEqual(warnings, ['$upstream is off, as it was when the hub was stopped']);
      store.setOffline(false);
      await untilArrived(2);
      assert.deepEqual(bodies(store.upstream.messages()), ['1', '2']);
    });

    it('reaches the bound of its queues, and drains when it is on again although senders wait', async () => {
      open(1500);
      router.setRoutes([toCloud(3)], 7200);
      store.setOffline(true);
      const sends = ['1', '2', '3', '4', '5'].map((body) => router.route(from(body.repeat(300))));
      await sends[0];
      await new Promise((resolve) => setImmediate(resolve));
      assert.ok(store.commit.isRefused);
      store.setOffline(false);
      await Promise.all(sends);
      await untilArrived(5);
      assert.deepEqual(
        bodies(store.upstream.messages()).map((body) => body[0]),
        ['1', '2', '3', '4', '5'],
      );
    });
  });
});
