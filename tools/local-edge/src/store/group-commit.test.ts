import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { EdgeveilError } from '@edgeveil/contracts';
import { GroupCommit } from './group-commit.ts';

describe('GroupCommit', () => {
  let database: DatabaseSync;

  beforeEach(() => {
    database = new DatabaseSync(':memory:');
    database.exec('CREATE TABLE t (n INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL)');
  });

  afterEach(() => database.close());

  const insert = (body: string) => () => void database.prepare('INSERT INTO t (body) VALUES (?)').run(body);
  const bodies = () =>
    database
      .prepare('SELECT substr(body, 1, 5) AS body FROM t ORDER BY n')
      .all()
      .map(({ body }) => body);

  function limitPages(more: number): void {
    const { page_count: pages } = database.prepare('PRAGMA page_count').get() ?? {};
    database.exec(`PRAGMA max_page_count=${Number(pages) + more}`);
  }

  it('commits what comes in one turn together, in order', async () => {
    const commit = new GroupCommit({ database });
    const writes = ['a', 'b', 'c'].map((body) => commit.run(insert(body)));
    assert.deepEqual(bodies(), []);
    await Promise.all(writes);
    assert.deepEqual(bodies(), ['a', 'b', 'c']);
    commit.stop();
  });

  it('keeps what the disk refuses, and the order, until there is room', async () => {
    const told: string[] = [];
    const accepted = Promise.withResolvers<void>();
    const commit = new GroupCommit({
      database,
      onRefused: (error) => {
        told.push(error === undefined ? 'no room' : 'refused');
        database.exec('PRAGMA max_page_count=100000');
      },
      onAccepted: () => {
        told.push('accepted');
        accepted.resolve();
      },
    });
    limitPages(4);
    const big = 'x'.repeat(100_000);
    const order: string[] = [];
    const writes = ['first', big, 'third', big, 'fifth'].map((body, index) =>
      commit.run(insert(body)).then(() => order.push(String(index))),
    );
    await Promise.all(writes);
    assert.deepEqual(bodies(), ['first', 'xxxxx', 'third', 'xxxxx', 'fifth']);
    assert.deepEqual(order, ['0', '1', '2', '3', '4']);
    await accepted.promise;
    assert.deepEqual(told, ['refused', 'accepted']);
    commit.stop();
  });

  it('has the ledgers make room even when nothing can be stored', async () => {
    let removed = 0;
    let wanted = false;
    for (let n = 0; n < 50; n += 1) insert('x'.repeat(4000))();
    const commit = new GroupCommit({
      database,
      ledgers: [
        {
          prepare: () => {
            if (wanted) database.exec('DELETE FROM t WHERE n <= 20');
          },
          committed: () => {
            if (wanted) removed += 1;
          },
          rolledBack: () => undefined,
        },
      ],
      onRefused: () => {
        wanted = true;
      },
    });
    limitPages(0);
    await commit.run(insert('y'.repeat(20_000)));
    assert.ok(removed > 0);
    assert.equal(bodies().at(-1), 'yyyyy');
    commit.stop();
  });

  it('rejects a write that is wrong, and stores the others', async () => {
    const commit = new GroupCommit({ database });
    const results = await Promise.allSettled([
      commit.run(insert('a')),
      commit.run(() => database.exec('INSERT INTO nowhere VALUES (1)')),
      commit.run(insert('b')),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(bodies(), ['a', 'b']);
    commit.stop();
  });

  it('takes one after the other when there is a bound, and tells its senders nothing before', async () => {
    let held = 0;
    const commit = new GroupCommit({ database, hasRoom: (bytes) => held + bytes <= 10 });
    const stored: string[] = [];
    const send = (body: string) =>
      commit
        .run(() => {
          insert(body)();
          held += 4;
        }, 4)
        .then(() => stored.push(body));
    const sends = ['a', 'b', 'c', 'd'].map(send);
    await Promise.all(sends.slice(0, 2));
    assert.deepEqual(stored, ['a', 'b']);
    assert.ok(commit.isRefused);
    held = 4;
    commit.next();
    await sends[2];
    assert.deepEqual(stored, ['a', 'b', 'c']);
    held = 0;
    commit.next();
    await Promise.all(sends);
    assert.ok(!commit.isRefused);
    commit.stop();
  });

  it('gives up what waits when it is stopped', async () => {
    const commit = new GroupCommit({ database, hasRoom: () => false });
    const waiting = commit.run(insert('a'), 1);
    commit.stop();
    const isStopped = (error: unknown) => error instanceof EdgeveilError && error.code === 'EDGE_STOPPED';
    await assert.rejects(waiting, isStopped);
    await assert.rejects(commit.run(insert('b')), isStopped);
    assert.deepEqual(bodies(), []);
  });
});
