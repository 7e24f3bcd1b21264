import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Aggregate, RejectedError, TransientError } from '@edgeveil/contracts';
import { createFakeContext } from '@edgeveil/module-kit/testing';
import { AggregateLedger } from './aggregate-ledger.ts';
import { AggregateSender } from './aggregate-sender.ts';
import { makeFrame } from './test-site.ts';

const START = Date.UTC(2026, 0, 31, 10);
const signal = new AbortController().signal;

describe('AggregateSender', () => {
  let dir: string;
  let ledger: AggregateLedger;
  let now: number;
  let sent: Aggregate[];
  let failure: Error | undefined;
  let lines: readonly string[];
  let sender: AggregateSender;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-sender-'));
    ledger = await AggregateLedger.open(join(dir, 'aggregates.db'), (error) => assert.fail(String(error)));
    const kit = createFakeContext({ twin: {}, stateDir: dir });
    now = START;
    sent = [];
    failure = undefined;
    lines = kit.lines;
    const send = async (aggregate: Aggregate) => {
      if (failure !== undefined) throw failure;
      sent.push(aggregate);
    };
    sender = new AggregateSender({
      ledger,
      output: { send, post: () => {}, waiting: 0 },
      graceSeconds: () => 5,
      isPending: async (id) => id.startsWith('pending'),
      log: kit.context.log,
      clock: () => now,
    });
  });

  afterEach(async () => {
    ledger.close();
    await rm(dir, { recursive: true, force: true });
  });

  async function count(number: number, minute = 0): Promise<void> {
    const capturedAt = new Date(START + minute * 60_000).toISOString();
    const { frame } = (await makeFrame(number, { capturedAt })).result;
    ledger.count(frame, [], { windowSeconds: 60, now });
  }

  it('sends windows that are over, each once, more than one batch of them', async () => {
    for (let minute = 0; minute < 450; minute++) await count(minute, minute);
    now = START + 450 * 60_000 + 5_000;
    await sender.round(signal);
    await sender.round(signal);
    assert.equal(sent.length, 450);
    assert.ok(sent.every(({ revision }) => revision === 1));
  });

  it('sends again, revised, what the hub did not acknowledge, and complains once', async () => {
    await count(1);
    now = START + 120_000;
    failure = new TransientError('OUTPUT_STOPPED', 'stopped');
    await sender.round(signal);
    await sender.round(signal);
    assert.equal(lines.filter((line) => line.includes('aggregates not sent for now')).length, 1);
    failure = undefined;
    await sender.round(signal);
    assert.deepEqual(
      sent.map(({ revision }) => revision),
      [3],
    );
  });

  it('gives up on figures that no message can carry', async () => {
    await count(1);
    now = START + 120_000;
    failure = new RejectedError('OUTPUT_ITEM_TOO_LARGE', 'too large');
    await sender.round(signal);
    failure = undefined;
    await sender.round(signal);
    assert.deepEqual(sent, []);
  });

  it('forgets frames that a crash kept from being marked as ended, once they have left the frame store', async () => {
    await count(1);
    now = START + 2 * 3_600_000;
    assert.equal(ledger.unfinished(now).length, 1);
    await sender.round(signal);
    assert.deepEqual(ledger.unfinished(now), []);
  });
});
