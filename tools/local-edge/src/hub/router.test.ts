import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import { QueueStore } from '../delivery/queue-store.ts';
import { UpstreamStore } from '../delivery/upstream-store.ts';
import { createEdgeEmitter, type EdgeEmitter } from '../events.ts';
import { toEdgeMessage } from '../outgoing-message.ts';
import { compileRoute, type Route } from '../routing/route.ts';
import { openDatabase } from '../store/database.ts';
import { GroupCommit } from '../store/group-commit.ts';
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
  let queues: QueueStore;
  let events: EdgeEmitter;
  let router: Router;
  let warnings: string[];
  let now: number;

  beforeEach(() => {
    database = openDatabase(':memory:');
    queues = new QueueStore(database);
    events = createEdgeEmitter();
    warnings = [];
    now = 1_000_000;
    events.on('warning', ({ message }) => warnings.push(message));
    const upstream = new UpstreamStore(database, 1000);
    const commit = new GroupCommit(database);
    router = new Router({ deviceId: 'D', queues, upstream, commit, events, ackTimeoutMs: 1000, clock: () => now });
  });

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
    assert.equal(queues.counts('D/b/i').get(2_000_000_000), 1);
  });

  it('fixes the time to live when a message is stored: the route’s, else the hub’s, negative for ever', async () => {
    const expiries = () => queues.read('D/b/i', 2_000_000_000, 0, 10).map(({ expiresAt }) => expiresAt);
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
    assert.deepEqual(queues.endpoints(), []);
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
        deliver: async (_topic, payload) => void delivered.push(`${module}${payload.toString()}`),
      });
    const done = new Promise<void>((resolve) => events.on('delivered', () => delivered.length >= 2 && resolve()));
    open('c');
    open('b');
    await done;
    router.setRoutes([routeOf(toB), routeOf(toC)], 7200);
    assert.deepEqual(delivered, ['b1', 'b2']);
    assert.deepEqual(queues.endpoints(), []);
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
      queues.read('D/b/i', 2_000_000_000, 0, 10).map(({ message }) => message.body.toString()[0]),
      ['1', '2', '3'],
    );
    assert.deepEqual(warnings, ['messages cannot be stored, senders wait', 'messages can be stored again']);
  });
});
