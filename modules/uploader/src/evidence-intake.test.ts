import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, TransientError } from '@edgeveil/contracts';
import { FileStore, Keyring } from '@edgeveil/frame-store';
import { createFakeContext } from '@edgeveil/module-kit/testing';
import type { CheckedEvidence } from './checked-evidence.ts';
import { EvidenceIntake } from './evidence-intake.ts';
import { asStoreItem, makeEvidence } from './testing/make-evidence.ts';
import { uploaderMetrics } from './uploader-metrics.ts';

describe('EvidenceIntake', () => {
  const items = [0, 1, 2].map((number) => makeEvidence({ number }));
  const ids = items.map(({ evidence }) => evidence.id);
  const never = new AbortController().signal;
  let dir: string;
  let store: FileStore;
  let added: string[];
  /** What the spool does with an item. */
  let add: (item: CheckedEvidence) => Promise<'stored' | 'exists' | 'busy'>;
  let spoolBytes: number;
  let blocks: (string | undefined)[];
  let intake: EvidenceIntake;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-intake-'));
    store = await FileStore.open({ dir, keyring: await Keyring.open(join(dir, 'store.key')) });
    for (const item of items) await store.put(asStoreItem(item), { durable: false });
    added = [];
    add = async ({ evidence }) => {
      added.push(evidence.id);
      return 'stored';
    };
    spoolBytes = 0;
    blocks = [];
    intake = openIntake(store);
  });

  afterEach(async () => {
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });

  function openIntake(evidence: ConstructorParameters<typeof EvidenceIntake>[0]['evidence']): EvidenceIntake {
    const { context } = createFakeContext({ twin: {}, stateDir: dir });
    return new EvidenceIntake({
      evidence,
      spool: {
        add: (item) => add(item),
        get bytes() {
          return spoolBytes;
        },
      },
      maxSpoolBytes: 10_000,
      metrics: uploaderMetrics(context.metrics),
      log: context.log,
      onSpooled: () => {},
      onBlock: (block) => blocks.push(block?.code),
      onQuarantined: () => {},
    });
  }

  async function left(): Promise<string[]> {
    const pending: string[] = [];
    for await (const id of store.pending()) pending.push(id);
    return pending;
  }

  it('settles what the spool has taken', async () => {
    await intake.sweep(never);
    assert.deepEqual(added.sort(), ids);
    assert.deepEqual(await left(), []);
  });

  it('leaves in its store what the spool did not take', async () => {
    add = async () => 'busy';
    await intake.sweep(never);
    assert.deepEqual(await left(), ids);
  });

  it('takes an item once, announced and swept at the same time', async () => {
    await Promise.all([intake.takeAnnounced([...ids, ...ids], never), intake.sweep(never)]);
    assert.deepEqual(added.sort(), ids);
  });

  it('forgets announcements of what is gone', async () => {
    await intake.sweep(never);
    await intake.takeAnnounced(ids, never);
    assert.equal(added.length, 3);
  });

  it('tells of a full disk once, and of its end when a whole sweep went through', async () => {
    const takes = add;
    add = async () => {
      throw new TransientError('STORE_DISK_FULL', 'no space');
    };
    await intake.sweep(never);
    await intake.sweep(never);
    assert.deepEqual(blocks, ['SPOOL_DISK_FULL']);
    assert.deepEqual(await left(), ids);
    add = takes;
    await intake.takeAnnounced(ids, never);
    assert.deepEqual(added, [], 'left to the sweep');
    await intake.sweep(never);
    assert.deepEqual(blocks, ['SPOOL_DISK_FULL', undefined]);
    assert.deepEqual(await left(), []);
  });

  it('waits at the bound until there is room', async () => {
    spoolBytes = 9_999;
    const sweep = intake.sweep(never);
    while (blocks.length === 0) await new Promise(setImmediate);
    assert.deepEqual(blocks, ['SPOOL_FULL']);
    assert.equal(added.length, 0);
    spoolBytes = 0;
    intake.madeRoom();
    await sweep;
    assert.deepEqual(added.sort(), ids);
    assert.deepEqual(blocks, ['SPOOL_FULL', undefined]);
  });

  it('does not keep a stop waiting at the bound', async () => {
    spoolBytes = 9_999;
    const stop = new AbortController();
    const sweep = intake.sweep(stop.signal);
    while (blocks.length === 0) await new Promise(setImmediate);
    stop.abort();
    await sweep;
    assert.deepEqual(await left(), ids);
  });

  it('lets an item larger than the bound into an empty spool', async () => {
    intake.apply({ maxSpoolBytes: 1 });
    await intake.sweep(never);
    assert.equal(added.length, 3);
  });

  it('leaves what it has no key for, and takes the rest', async () => {
    intake = openIntake({
      pending: () => store.pending(),
      settle: (id) => store.settle(id),
      quarantine: (id, reason) => store.quarantine(id, reason),
      read: async (id) => {
        if (id === ids[1]) throw new ConfigError('STORE_KEY_UNKNOWN', 'another key');
        return store.read(id);
      },
    });
    await intake.sweep(never);
    assert.deepEqual(await left(), [ids[1]]);
    assert.deepEqual(blocks, []);
  });

  it('is not held up by a bad item that a full disk does not let it set aside', async () => {
    await store.settle(ids[0] ?? '');
    await store.put({ id: ids[0] ?? '', meta: {}, payload: Buffer.from('no receipt') });
    intake = openIntake({
      pending: () => store.pending(),
      settle: (id) => store.settle(id),
      read: (id) => store.read(id),
      quarantine: async () => {
        throw new TransientError('STORE_DISK_FULL', 'no space');
      },
    });
    await intake.sweep(never);
    assert.deepEqual(added.sort(), ids.slice(1));
    assert.deepEqual(await left(), ids.slice(0, 1));
  });
});
