import assert from 'node:assert/strict';
import { WorkQueue } from './work-queue.ts';

/** A queue whose work ends when the test says so. */
function createQueue({ capacity = 10, concurrency = 2 } = {}) {
  const stopping = new AbortController();
  const started: string[] = [];
  const failures: unknown[] = [];
  const endings = new Map<string, PromiseWithResolvers<void>>();
  const queue = new WorkQueue({
    capacity,
    concurrency,
    signal: stopping.signal,
    work: (id) => {
      started.push(id);
      const ending = Promise.withResolvers<void>();
      endings.set(id, ending);
      return ending.promise;
    },
    onFailure: (error) => failures.push(error),
  });
  return { queue, started, failures, end: (id: string) => endings.get(id)?.resolve(), endings, stopping };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('WorkQueue', () => {
  it('works in order on as many as it may', async () => {
    const { queue, started, end } = createQueue();
    for (const id of ['a', 'b', 'c', 'd']) await queue.add(id);
    assert.deepEqual([started, queue.waiting], [['a', 'b'], 2]);
    end('b');
    await turn();
    assert.deepEqual(started, ['a', 'b', 'c']);
    queue.setConcurrency(3);
    assert.deepEqual(started, ['a', 'b', 'c', 'd']);
    for (const id of ['a', 'c', 'd']) end(id);
    await queue.idle();
  });

  it('has an id at most once, waiting or in work, and takes it again afterwards', async () => {
    const { queue, started, end } = createQueue({ concurrency: 1 });
    for (const id of ['a', 'a', 'b', 'b', 'a']) await queue.add(id);
    assert.deepEqual([started, queue.waiting], [['a'], 1]);
    end('a');
    await turn();
    await queue.add('a');
    end('b');
    await turn();
    assert.deepEqual(started, ['a', 'b', 'a']);
    end('a');
    await queue.idle();
  });

  it('makes who adds wait for room', async () => {
    const { queue, started, end } = createQueue({ concurrency: 1, capacity: 1 });
    await queue.add('a');
    await queue.add('b');
    let isAdded = false;
    const adding = queue.add('c').then(() => {
      isAdded = true;
    });
    await turn();
    assert.equal(isAdded, false);
    end('a');
    await adding;
    end('b');
    await turn();
    end('c');
    await queue.idle();
    assert.deepEqual(started, ['a', 'b', 'c']);
  });

  it('goes on after a failure, which it hands over', async () => {
    const { queue, started, failures, endings, end } = createQueue({ concurrency: 1 });
    await queue.add('a');
    await queue.add('b');
    endings.get('a')?.reject('broken');
    await turn();
    assert.deepEqual([failures, started], [['broken'], ['a', 'b']]);
    end('b');
    await queue.idle();
  });

  it('begins nothing new once stopping has started, and lets nobody wait', async () => {
    const { queue, started, end, stopping } = createQueue({ concurrency: 1, capacity: 1 });
    await queue.add('a');
    await queue.add('b');
    const adding = queue.add('c');
    stopping.abort();
    await adding;
    end('a');
    await queue.idle();
    assert.deepEqual(started, ['a']);
  });
});
