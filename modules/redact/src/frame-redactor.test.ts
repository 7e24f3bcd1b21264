import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Evidence, evidenceSchema, type RedactTwin, receiptSchema, TransientError } from '@edgeveil/contracts';
import { createFakeContext } from '@edgeveil/module-kit/testing';
import { decodePicture, encodeJpeg } from '@edgeveil/picture-codec';
import { z } from 'zod';
import { AggregateLedger } from './aggregate-ledger.ts';
import { EvidenceRoom } from './evidence-room.ts';
import { FrameRedactor, type FrameRedactorOptions } from './frame-redactor.ts';
import { PolicyGate } from './policy-gate.ts';
import { redactMetrics } from './redact-metrics.ts';
import { landscape } from './test-scenes.ts';
import {
  createSite,
  leftOvers,
  makeFrame,
  pendingIds,
  putDetections,
  putFrame,
  quarantineCodes,
  type TestSite,
  twinOf,
} from './test-site.ts';
import { WaitingFrames } from './waiting-frames.ts';

const metaSchema = z.object({ evidence: evidenceSchema, receipt: receiptSchema });
const NOW = Date.UTC(2026, 0, 31, 11);

/** What one life of the module has; `replace` puts fakes in the place of parts. */
class Life {
  readonly evidence: Evidence[] = [];
  readonly waiting = new WaitingFrames();
  readonly kit: ReturnType<typeof createFakeContext<RedactTwin>>;
  readonly redactor: FrameRedactor;
  now = NOW;

  constructor(site: TestSite, ledger: AggregateLedger, replace: Partial<FrameRedactorOptions> = {}, twin = twinOf()) {
    this.kit = createFakeContext({ twin, stateDir: site.stateDir });
    this.redactor = new FrameRedactor({
      frames: site.frames,
      detections: site.detections,
      evidence: site.evidence,
      ledger,
      gate: new PolicyGate({ policy: twin.policy, onChange: () => {} }),
      waiting: this.waiting,
      room: new EvidenceRoom({ usedBytes: () => 0, maxBytes: 1, onChange: () => {} }),
      metrics: redactMetrics(this.kit.context.metrics, () => 0),
      log: this.kit.context.log,
      owner: 'redact',
      instance: crypto.randomUUID(),
      twin: () => twin,
      onEvidence: (item) => this.evidence.push(item),
      clock: () => this.now,
      ...replace,
    });
  }

  redact(id: string): Promise<void> {
    return this.redactor.redact(id, this.kit.context.signal);
  }
}

/** As SIGKILL: nothing of the suite's that anybody could handle. */
class Killed extends Error {}

/** Kills at the given call of any of the wrapped parts, before or after it has had its effect. */
class Killer {
  calls = 0;
  readonly #at: number;
  readonly #isAfter: boolean;

  constructor(at: number, isAfter: boolean) {
    this.#at = at;
    this.#isAfter = isAfter;
  }

  wrap<T extends object>(part: T): T {
    return new Proxy(part, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          this.calls += 1;
          const isNow = this.calls === this.#at;
          if (isNow && !this.#isAfter) throw new Killed(`before ${String(name)}`);
          const answer: unknown = Reflect.apply(value, target, args);
          if (!isNow) return answer;
          if (!(answer instanceof Promise)) throw new Killed(`after ${String(name)}`);
          return answer.then(() => {
            throw new Killed(`after ${String(name)}`);
          });
        };
      },
    });
  }
}

describe('FrameRedactor', () => {
  let site: TestSite;
  let ledger: AggregateLedger;

  beforeEach(async () => {
    site = await createSite();
    ledger = await AggregateLedger.open(join(site.root, 'aggregates.db'), (error) => assert.fail(String(error)));
  });

  afterEach(async () => {
    ledger.close();
    await site.remove();
  });

  function due() {
    return ledger.takeDue({ now: NOW + 3_600_000, graceMs: 0, limit: 10 }).map(({ aggregate }) => aggregate);
  }

  it('turns a frame into evidence with its receipt, counts it and settles it', async () => {
    const id = await putFrame(site, 1);
    const life = new Life(site, ledger);
    await life.redact(id);
    const item = await site.evidence.read(id);
    const { evidence, receipt } = metaSchema.parse(item?.meta);
    assert.deepEqual(life.evidence, [evidence]);
    assert.equal(receipt.masked.length, 1);
    assert.equal((await decodePicture(item?.payload ?? Buffer.alloc(0))).width, 96);
    assert.deepEqual(await leftOvers(site), []);
    assert.deepEqual(
      due().map(({ source, frames, counts }) => ({ source, frames, counts })),
      [{ source: 'gate', frames: 1, counts: { face: 1 } }],
    );
    assert.match(await life.kit.metricsText(), /edgeveil_frames_redacted_total\{[^}]*source="gate"[^}]*\} 1/);
  });

  it('does nothing for an id that nobody knows', async () => {
    const life = new Life(site, ledger);
    await life.redact('0mh1abcde-0123456789abcdef01234567');
    assert.deepEqual(life.evidence, []);
  });

  for (const isAfter of [false, true])
    it(`ends in one evidence and nothing left when killed ${isAfter ? 'after' : 'before'} any step`, async () => {
      let steps = 0;
      for (let at = 1; ; at++) {
        const id = await putFrame(site, at);
        const killer = new Killer(at, isAfter);
        const first = new Life(site, ledger, {
          frames: killer.wrap(site.frames),
          detections: killer.wrap(site.detections),
          evidence: killer.wrap(site.evidence),
          ledger: killer.wrap(ledger),
        });
        const isKilled = await first.redact(id).then(
          () => false,
          (error: unknown) => {
            assert.ok(error instanceof Killed, String(error));
            return true;
          },
        );
        const second = new Life(site, ledger);
        for (const pending of await pendingIds(site.detections)) await second.redact(pending);
        assert.ok(await site.evidence.has(id));
        assert.deepEqual(await leftOvers(site), []);
        assert.deepEqual(await quarantineCodes(site.frames), {});
        steps = at;
        if (!isKilled) break;
      }
      assert.ok(steps > 8, `${steps} steps`);
      assert.equal((await pendingIds(site.evidence)).length, steps);
      assert.equal(due()[0]?.frames, steps);
    });

  it('writes the same evidence when a frame comes twice', async () => {
    const id = await putFrame(site, 1);
    const life = new Life(site, ledger);
    await life.redact(id);
    const first = await site.evidence.read(id);
    await site.evidence.settle(id);
    await putFrame(site, 1);
    await life.redact(id);
    assert.deepEqual(await site.evidence.read(id), first);
    assert.equal(due()[0]?.frames, 1);
  });

  it('sets a frame aside that three attempts did not bring to an end', async () => {
    const id = await putFrame(site, 1);
    for (let attempt = 1; attempt <= 3; attempt++) {
      const life = new Life(site, ledger, { frames: new Killer(1, false).wrap(site.frames) });
      await assert.rejects(life.redact(id), Killed);
    }
    await new Life(site, ledger).redact(id);
    assert.deepEqual(await quarantineCodes(site.frames), { [id]: 'FRAME_POISON' });
    assert.deepEqual(await leftOvers(site), []);
    assert.deepEqual(await pendingIds(site.evidence), []);
  });

  it('does not count an attempt that failed for a passing reason', async () => {
    const id = await putFrame(site, 1);
    const frames = new Proxy(site.frames, {
      get: (target, name) =>
        name === 'read' ? () => Promise.reject(new TransientError('STORE_IO', 'not now')) : bound(target, name),
    });
    const failing = new Life(site, ledger, { frames });
    for (let i = 0; i < 5; i++) await failing.redact(id);
    assert.deepEqual(await pendingIds(site.detections), [id]);
    await new Life(site, ledger).redact(id);
    assert.ok(await site.evidence.has(id));
  });

  it('keeps the frame while the disk is full, and says so', async () => {
    const id = await putFrame(site, 1);
    const evidence = new Proxy(site.evidence, {
      get: (target, name) =>
        name === 'put' ? () => Promise.reject(new TransientError('STORE_DISK_FULL', 'full')) : bound(target, name),
    });
    const blocks: unknown[] = [];
    const room = new EvidenceRoom({ usedBytes: () => 0, maxBytes: 1, onChange: (block) => blocks.push(block?.code) });
    await new Life(site, ledger, { evidence, room }).redact(id);
    assert.deepEqual(blocks, ['EVIDENCE_DISK_FULL']);
    assert.deepEqual([await pendingIds(site.frames), await pendingIds(site.detections)], [[id], [id]]);
    assert.deepEqual(due(), []);
  });

  it('sets aside pictures that cannot be decoded, and frames that are not what was announced', async () => {
    const torn = (await makeFrame(0)).bytes.subarray(0, 300);
    const ids = {
      torn: await putFrame(site, 1, { bytes: torn }),
      noPicture: await putFrame(site, 2, { bytes: Buffer.from('hello') }),
      otherSize: await putFrame(site, 3, { bytes: await smallPicture() }),
      badBox: await putFrame(site, 4),
    };
    const other = await makeFrame(5);
    await site.frames.put({ id: other.result.frame.id, meta: other.result.frame, payload: Buffer.from('other bytes') });
    await putDetections(site, other.result);
    const foreign = await makeFrame(6);
    await site.frames.put({
      id: foreign.result.frame.id,
      meta: { ...foreign.result.frame, sha256: 'c'.repeat(64) },
      payload: foreign.bytes,
    });
    await putDetections(site, foreign.result);
    const life = new Life(site, ledger);
    for (const id of await pendingIds(site.detections)) await life.redact(id);
    const codes = await quarantineCodes(site.frames);
    assert.match(codes[ids.torn] ?? '', /^PICTURE_/);
    assert.match(codes[ids.noPicture] ?? '', /^PICTURE_/);
    assert.equal(codes[ids.otherSize], 'FRAME_SIZE_MISMATCH');
    assert.equal(codes[other.result.frame.id], 'FRAME_HASH_MISMATCH');
    assert.equal(codes[foreign.result.frame.id], 'FRAME_MISMATCH');
    assert.deepEqual(await pendingIds(site.evidence), [ids.badBox]);
    assert.deepEqual(await leftOvers(site), []);
    assert.match(await life.kit.metricsText(), /edgeveil_quarantined_total\{[^}]*reason="FRAME_MISMATCH"[^}]*\} 1/);
  });

  it('sets a frame aside whose detections do not parse, or speak of another frame', async () => {
    const [one, two] = [await makeFrame(1), await makeFrame(2)];
    for (const { result, bytes } of [one, two])
      await site.frames.put({ id: result.frame.id, meta: result.frame, payload: bytes });
    await site.detections.put({ id: one.result.frame.id, meta: { faces: 'none' }, payload: Buffer.alloc(0) });
    await site.detections.put({ id: two.result.frame.id, meta: one.result, payload: Buffer.alloc(0) });
    const life = new Life(site, ledger);
    for (const id of await pendingIds(site.detections)) await life.redact(id);
    assert.deepEqual(Object.values(await quarantineCodes(site.frames)), ['DETECTIONS_INVALID', 'DETECTIONS_INVALID']);
    assert.deepEqual(await pendingIds(site.evidence), []);
  });

  it('lets inference look again where the detections file is torn, but not for ever', async () => {
    const { result, bytes } = await makeFrame(1);
    const { id } = result.frame;
    await site.frames.put({ id, meta: result.frame, payload: bytes });
    const tear = () => writeFile(join(site.framesDir, 'detections', 'items', `${id}.item`), 'EVST torn');
    const life = new Life(site, ledger);
    for (let i = 0; i < 2; i++) {
      await tear();
      await life.redact(id);
      assert.deepEqual([await pendingIds(site.detections), await pendingIds(site.frames)], [[], [id]]);
    }
    await tear();
    await life.redact(id);
    assert.deepEqual(await quarantineCodes(site.frames), { [id]: 'STORE_ITEM_CORRUPT' });
  });

  it('settles detections whose frame is gone', async () => {
    const { result } = await makeFrame(1);
    await putDetections(site, result);
    const life = new Life(site, ledger);
    await life.redact(result.frame.id);
    assert.deepEqual(await leftOvers(site), []);
    assert.match(await life.kit.metricsText(), /edgeveil_detections_orphaned_total\{[^}]*\} 1/);
  });

  it('drops a frame in which nothing was found, when the policy says so, and counts it', async () => {
    const empty = await putFrame(site, 1, { detections: [] });
    const full = await putFrame(site, 2);
    const twin = twinOf({ policy: { labels: ['face'], whenNothingFound: 'drop' } });
    const life = new Life(site, ledger, {}, twin);
    await life.redact(empty);
    await life.redact(full);
    assert.deepEqual(await pendingIds(site.evidence), [full]);
    assert.deepEqual(await leftOvers(site), []);
    assert.equal(due()[0]?.frames, 2);
    assert.match(await life.kit.metricsText(), /edgeveil_frames_dropped_total\{[^}]*reason="nothing-found"[^}]*\} 1/);
  });

  it('lets frames wait whose model cannot find what is hidden, without wearing out their attempts', async () => {
    const id = await putFrame(site, 1, { labels: ['vehicle'], detections: [] });
    const life = new Life(site, ledger);
    for (let i = 0; i < 5; i++) await life.redact(id);
    assert.deepEqual([await pendingIds(site.frames), await pendingIds(site.detections)], [[id], [id]]);
    assert.deepEqual(await pendingIds(site.evidence), []);
    assert.ok(life.waiting.has(id));
    const lease = await site.detections.claim(id, { owner: 'test', instance: 'test', leaseMs: 1 });
    assert.equal(lease?.attempt, 1);
  });

  it('lets inference look again at frames of an older model once a newer one has the labels', async () => {
    const old = await putFrame(site, 1, { labels: ['vehicle'], model: 'old' });
    const life = new Life(site, ledger);
    await life.redact(old);
    const later = { model: 'new', inferredAt: '2026-01-31T10:05:00.000Z' };
    await life.redact(await putFrame(site, 2, later));
    await life.redact(old);
    assert.deepEqual([await pendingIds(site.frames), await pendingIds(site.detections)], [[old], []]);
    // The model has changed back before inference came to it: it waits, and does not go round in a circle.
    await putDetections(
      site,
      (await makeFrame(1, { labels: ['vehicle'], inferredAt: '2026-01-31T10:06:00.000Z' })).result,
    );
    await life.redact(old);
    await life.redact(old);
    assert.deepEqual(await pendingIds(site.detections), [old]);
    assert.equal((await pendingIds(site.evidence)).length, 1);
  });

  it('settles what waits of a live source once its frame has made way for a newer one', async () => {
    const { result, bytes } = await makeFrame(1, { labels: ['vehicle'] });
    const frame = { ...result.frame, guarantee: 'live' as const };
    await site.frames.put({ id: frame.id, meta: frame, payload: bytes });
    await putDetections(site, { ...result, frame });
    const life = new Life(site, ledger);
    await life.redact(frame.id);
    assert.deepEqual([await pendingIds(site.detections), life.waiting.has(frame.id)], [[frame.id], false]);
    await site.frames.settle(frame.id);
    await life.redact(frame.id);
    assert.deepEqual(await leftOvers(site), []);
  });

  it('leaves a frame that cannot even be set aside where it is, without blame', async () => {
    const id = await putFrame(site, 1, { bytes: Buffer.from('no picture') });
    const frames = new Proxy(site.frames, {
      get: (target, name) =>
        name === 'quarantine'
          ? () => Promise.reject(new TransientError('STORE_DISK_FULL', 'full'))
          : bound(target, name),
    });
    const life = new Life(site, ledger, { frames });
    for (let i = 0; i < 5; i++) await assert.rejects(life.redact(id), { code: 'STORE_DISK_FULL' });
    await new Life(site, ledger).redact(id);
    assert.deepEqual(await quarantineCodes(site.frames), { [id]: 'PICTURE_FORMAT_UNSUPPORTED' });
  });

  it('leaves a frame that another process works on', async () => {
    const id = await putFrame(site, 1);
    await site.detections.claim(id, { owner: 'another', instance: 'x', leaseMs: 60_000 });
    const life = new Life(site, ledger);
    await life.redact(id);
    assert.deepEqual([life.evidence, await pendingIds(site.frames)], [[], [id]]);
  });

  it('runs a frame alone whose last attempt never ended', async () => {
    const suspect = await putFrame(site, 1);
    const others = await Promise.all([2, 3, 4].map((number) => putFrame(site, number)));
    await site.detections.claim(suspect, { owner: 'redact', instance: 'dead', leaseMs: 60_000 });
    const active = new Set<string>();
    const besides: string[] = [];
    const frames = new Proxy(site.frames, {
      get: (target, name) => {
        if (name === 'read')
          return async (id: string) => {
            if (id === suspect) besides.push(...active);
            else if (active.has(suspect)) besides.push(id);
            active.add(id);
            return target.read(id);
          };
        if (name === 'settle')
          return async (id: string) => {
            active.delete(id);
            await target.settle(id);
          };
        return bound(target, name);
      },
    });
    const life = new Life(site, ledger, { frames });
    await Promise.all([suspect, ...others].map((id) => life.redact(id)));
    assert.deepEqual(besides, []);
    assert.equal((await pendingIds(site.evidence)).length, 4);
  });
});

function bound(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
}

async function smallPicture(): Promise<Buffer> {
  return encodeJpeg(landscape(64, 96), { quality: 90 });
}
