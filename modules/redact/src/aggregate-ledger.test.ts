import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aggregateSchema, type Frame } from '@edgeveil/contracts';
import { AggregateLedger } from './aggregate-ledger.ts';
import { face } from './test-scenes.ts';
import { makeFrame } from './test-site.ts';

const START = Date.UTC(2026, 0, 31, 10);
const MINUTE = 60_000;
const GRACE = 5_000;

async function frameAt(number: number, seconds: number, source = 'gate'): Promise<Frame> {
  const capturedAt = new Date(START + seconds * 1000).toISOString();
  return (await makeFrame(number, { source, capturedAt })).result.frame;
}

describe('AggregateLedger', () => {
  let dir: string;
  let path: string;
  let ledger: AggregateLedger;

  const unexpected = (error: unknown) => assert.fail(String(error));

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-ledger-'));
    path = join(dir, 'aggregates.db');
    ledger = await AggregateLedger.open(path, unexpected);
  });

  afterEach(async () => {
    ledger.close();
    await rm(dir, { recursive: true, force: true });
  });

  function count(frame: Frame, labels: readonly string[], now = START): void {
    ledger.count(
      frame,
      labels.map((label) => face([0, 0, 1, 1], label)),
      { windowSeconds: 60, now },
    );
  }

  function takeDue(now: number, limit = 100) {
    return ledger.takeDue({ now, graceMs: GRACE, limit });
  }

  it('sums frames and labels by source and window', async () => {
    count(await frameAt(1, 0), ['face', 'face', 'person']);
    count(await frameAt(2, 59.999), ['face']);
    count(await frameAt(3, 60), ['vehicle']);
    count(await frameAt(4, 30, 'yard'), []);
    const found = takeDue(START + 10 * MINUTE).map(({ aggregate }) => aggregateSchema.parse(aggregate));
    const at = (minute: number) => new Date(START + minute * MINUTE).toISOString();
    const common = { windowSeconds: 60, revision: 1 };
    assert.deepEqual(
      found.toSorted((a, b) => a.source.localeCompare(b.source) || a.windowStart.localeCompare(b.windowStart)),
      [
        { ...common, source: 'gate', windowStart: at(0), frames: 2, counts: { face: 3, person: 1 } },
        { ...common, source: 'gate', windowStart: at(1), frames: 1, counts: { vehicle: 1 } },
        { ...common, source: 'yard', windowStart: at(0), frames: 1, counts: {} },
      ],
    );
  });

  it('counts a frame once, however often it comes', async () => {
    const frame = await frameAt(1, 0);
    for (let i = 0; i < 3; i++) count(frame, ['face']);
    ledger.forget(frame.id, START);
    count(frame, ['face']);
    ledger.prune(START + MINUTE);
    count(frame, ['face']);
    assert.deepEqual(
      takeDue(START + 2 * MINUTE).map(({ aggregate }) => [aggregate.frames, aggregate.counts]),
      [[1, { face: 1 }]],
    );
  });

  it('counts labels with the names of built-in properties', async () => {
    count(await frameAt(1, 0), ['constructor', 'toString', 'constructor']);
    const [due] = takeDue(START + 2 * MINUTE);
    assert.deepEqual(Object.entries(due?.aggregate.counts ?? {}).toSorted(), [
      ['constructor', 2],
      ['toString', 1],
    ]);
  });

  it('gives a window out when it is over by the grace, not before, and once it was sent no more', async () => {
    count(await frameAt(1, 10), ['face']);
    assert.deepEqual(takeDue(START + MINUTE + GRACE - 1), []);
    const [due] = takeDue(START + MINUTE + GRACE);
    assert.ok(due !== undefined);
    ledger.markSent(due);
    assert.deepEqual(takeDue(START + 100 * MINUTE), []);
  });

  it('gives it out again with the next revision when a frame comes late, or comes while it is sent', async () => {
    count(await frameAt(1, 10), ['face']);
    const [first] = takeDue(START + 2 * MINUTE);
    assert.ok(first !== undefined);
    count(await frameAt(2, 11), ['face'], START + 2 * MINUTE);
    ledger.markSent(first);
    const [second] = takeDue(START + 3 * MINUTE);
    assert.ok(second !== undefined);
    assert.deepEqual([second.aggregate.revision, second.aggregate.frames], [2, 2]);
    ledger.markSent(second);
    count(await frameAt(3, 12), [], START + 600 * MINUTE);
    const [third] = takeDue(START + 601 * MINUTE);
    assert.deepEqual([third?.aggregate.revision, third?.aggregate.frames], [3, 3]);
  });

  it('never gives two sets of figures the same revision, also when the first was not acknowledged', async () => {
    count(await frameAt(1, 10), ['face']);
    const [first] = takeDue(START + 2 * MINUTE);
    count(await frameAt(2, 11), ['face'], START + 2 * MINUTE);
    ledger.close();
    ledger = await AggregateLedger.open(path, unexpected);
    const [second] = takeDue(START + 3 * MINUTE);
    assert.deepEqual([first?.aggregate.revision, second?.aggregate.revision], [1, 2]);
  });

  it('does not send a window for each frame of a backlog, but at least once in its length', async () => {
    let sent = 0;
    // One old frame a second for ten minutes, all of one window that is long over.
    for (let second = 0; second < 600; second++) {
      const now = START + 60 * MINUTE + second * 1000;
      count(await frameAt(second, 10), ['face'], now);
      for (const due of takeDue(now)) {
        ledger.markSent(due);
        sent += 1;
      }
    }
    assert.ok(sent >= 9 && sent <= 11, `sent ${sent} times`);
  });

  it('keeps windows of another length apart', async () => {
    count(await frameAt(1, 10), ['face']);
    ledger.count(await frameAt(2, 10), [], { windowSeconds: 3600, now: START });
    const lengths = takeDue(START + 120 * MINUTE).map(({ aggregate }) => aggregate.windowSeconds);
    assert.deepEqual(
      lengths.toSorted((a, b) => a - b),
      [60, 3600],
    );
  });

  it('remembers a counted frame until an hour after its end, however old it is', async () => {
    const frame = await frameAt(1, 0);
    const later = START + 30 * 24 * 60 * MINUTE;
    count(frame, ['face'], later);
    ledger.prune(later + 10 * 60 * MINUTE);
    count(frame, ['face'], later);
    assert.deepEqual(ledger.unfinished(later + 61 * MINUTE), [frame.id]);
    ledger.forget(frame.id, later);
    ledger.prune(later + 61 * MINUTE);
    assert.deepEqual(ledger.unfinished(later + 61 * MINUTE), []);
    assert.equal(takeDue(later + 120 * MINUTE)[0]?.aggregate.frames, 1);
  });

  it('forgets windows that were sent a month ago, not those that were not', async () => {
    count(await frameAt(1, 0), []);
    count(await frameAt(2, 120), []);
    const [first] = takeDue(START + 2 * MINUTE, 1);
    assert.ok(first !== undefined);
    ledger.markSent(first);
    ledger.prune(START + 40 * 24 * 60 * MINUTE);
    count(await frameAt(3, 0), []);
    const due = takeDue(START + 41 * 24 * 60 * MINUTE).map(({ aggregate }) => [
      aggregate.windowStart,
      aggregate.frames,
    ]);
    assert.deepEqual(due, [
      [new Date(START).toISOString(), 1],
      [new Date(START + 2 * MINUTE).toISOString(), 1],
    ]);
  });

  it('loses nothing and counts nothing twice when the process is killed while it counts', async () => {
    const script = join(import.meta.dirname, 'test-counting-process.ts');
    let last = -1;
    for (let life = 0; life < 3; life++) {
      const child = fork(script, [path, String(last)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      // The child says which frame it has counted; it is killed in the middle of the next ones.
      child.on('message', (message) => {
        last = Math.max(last, Number(message));
        if (last >= (life + 1) * 40) child.kill('SIGKILL');
      });
      await once(child, 'exit');
    }
    ledger.close();
    ledger = await AggregateLedger.open(path, unexpected);
    // What was counted but not reported when the process died is counted again here.
    for (let number = 0; number < 200; number++) count(await frameAt(number, 0), ['face']);
    const [due] = takeDue(START + 10 * MINUTE);
    assert.deepEqual([due?.aggregate.frames, due?.aggregate.counts], [200, { face: 200 }]);
  });

  it('begins anew where the file is damaged, keeps the damaged one and says so', async () => {
    ledger.close();
    await writeFile(path, 'this is no database'.repeat(100));
    await rm(`${path}-wal`, { force: true });
    const damages: unknown[] = [];
    ledger = await AggregateLedger.open(path, (error) => damages.push(error));
    assert.equal(damages.length, 1);
    assert.ok((await readdir(dir)).includes('aggregates.db.damaged'));
    count(await frameAt(1, 0), ['face']);
    assert.equal(takeDue(START + 2 * MINUTE).length, 1);
  });
});
