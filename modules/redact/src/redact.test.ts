import assert from 'node:assert/strict';
import type { RedactTwin } from '@edgeveil/contracts';
import type { RunningModule } from '@edgeveil/module-kit';
import { createFakeContext, type FakeContext } from '@edgeveil/module-kit/testing';
import { redact } from './redact.ts';
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

describe('redact', () => {
  let site: TestSite;
  let kit: FakeContext<RedactTwin>;
  let module: RunningModule<RedactTwin>;
  /** Resolves the next wait when anything is sent. */
  let sent = Promise.withResolvers<void>();

  async function start(overrides: Readonly<Record<string, unknown>> = {}): Promise<void> {
    kit = createFakeContext<RedactTwin>({
      twin: twinOf({ sweepSeconds: 3600, ...overrides }),
      stateDir: site.stateDir,
      environment: {
        EDGEVEIL_FRAMES_DIR: site.framesDir,
        EDGEVEIL_EVIDENCE_DIR: site.evidenceDir,
        EDGEVEIL_KEY_FILE: site.keyFile,
      },
      // After the item was noted as sent.
      onSend: () => void setImmediate(() => sent.resolve()),
    });
    module = await redact.start(kit.context);
  }

  /** Waits until the module has sent what makes the condition true. */
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await sent.promise;
      sent = Promise.withResolvers();
    }
  }

  async function stop(): Promise<void> {
    kit.stop();
    await module.drain(AbortSignal.timeout(5000));
    await module.close();
    assert.deepEqual(kit.crashes, []);
  }

  beforeEach(async () => {
    sent = Promise.withResolvers();
    site = await createSite();
  });

  afterEach(() => site.remove());

  it('takes up at its start what no message announced, and sends evidence', async () => {
    const ids = await Promise.all([1, 2, 3, 4, 5].map((number) => putFrame(site, number)));
    await start();
    await until(() => kit.sent.evidence.length === 5);
    await stop();
    assert.deepEqual(kit.sent.evidence.map(({ id }) => id).toSorted(), ids.toSorted());
    assert.deepEqual((await pendingIds(site.evidence)).toSorted(), ids.toSorted());
    assert.deepEqual(await leftOvers(site), []);
  });

  it('takes what a message announces, but goes by what the store says', async () => {
    await start();
    const { result, bytes } = await makeFrame(1);
    await site.frames.put({ id: result.frame.id, meta: result.frame, payload: bytes });
    await putDetections(site, result);
    const unmasked = { ...result, detections: [] };
    const { frame } = (await makeFrame(2)).result;
    await module.inputs?.detections?.handle([unmasked, { ...unmasked, frame }], kit.context.signal);
    await until(() => kit.sent.evidence.length === 1);
    await stop();
    const meta = (await site.evidence.read(result.frame.id))?.meta;
    assert.match(JSON.stringify(meta), /"masked":\[\{"label":"face"/);
    assert.equal(kit.sent.evidence.length, 1);
  });

  it('refuses policy and model that do not go together, says why everywhere, and goes on when the twin changes', async () => {
    const id = await putFrame(site, 1, { labels: ['vehicle'], detections: [] });
    await start();
    await until(() => kit.sent.events.length === 1);
    assert.equal(kit.sent.events[0]?.code, 'POLICY_REFUSED');
    assert.deepEqual(kit.health.readiness().reasons, {
      policy: 'the model cannot find what policy default hides: face',
    });
    const refused = kit.reported().policy;
    assert.partialDeepStrictEqual(refused, { status: 'refused', missingLabels: ['face'] });
    assert.deepEqual(await pendingIds(site.frames), [id]);

    await module.apply(twinOf({ sweepSeconds: 3600, policy: { name: 'cars', labels: ['vehicle'] } }));
    await until(() => kit.sent.evidence.length === 1);
    await stop();
    assert.deepEqual(
      kit.sent.events.map(({ code }) => code),
      ['POLICY_REFUSED', 'POLICY_IN_FORCE'],
    );
    assert.ok(kit.health.readiness().isOk);
    const { sha256, ...inForce } = kit.reported().policy as Record<string, unknown>;
    assert.deepEqual(inForce, { name: 'cars', status: 'in-force' });
    assert.match(String(sha256), /^[0-9a-f]{64}$/);
  });

  it('goes on when a better model comes, and has inference look again at what the old one did', async () => {
    const old = await putFrame(site, 1, { labels: ['vehicle'], model: 'old', detections: [] });
    await start();
    await until(() => kit.sent.events.length === 1);
    const { result, bytes } = await makeFrame(2, { inferredAt: '2026-01-31T11:00:00.000Z' });
    await site.frames.put({ id: result.frame.id, meta: result.frame, payload: bytes });
    await putDetections(site, result);
    await module.inputs?.detections?.handle([result], kit.context.signal);
    await until(() => kit.sent.evidence.length === 1 && kit.sent.events.length === 2);
    // The sweep that the change calls for gives the old frame's detections back.
    while ((await pendingIds(site.detections)).length > 0) await new Promise((resolve) => setImmediate(resolve));
    await stop();
    assert.deepEqual(await pendingIds(site.frames), [old]);
    assert.deepEqual(await pendingIds(site.evidence), [result.frame.id]);
  });

  it('waits while the evidence store is at its bound, and goes on when there is room', async () => {
    await putFrame(site, 1);
    await start({ evidence: { maxBytes: 1 }, concurrency: 1 });
    await until(() => kit.sent.evidence.length === 1);
    const second = await putFrame(site, 2);
    const { result } = await makeFrame(2);
    await module.inputs?.detections?.handle([result], kit.context.signal);
    await until(() => kit.sent.events.length === 1);
    assert.equal(kit.sent.events[0]?.code, 'EVIDENCE_STORE_FULL');
    assert.deepEqual(await pendingIds(site.frames), [second]);
    await module.apply(twinOf({ sweepSeconds: 3600 }));
    await until(() => kit.sent.evidence.length === 2 && kit.sent.events.length === 2);
    await stop();
    assert.equal(kit.sent.events[1]?.code, 'EVIDENCE_STORED_AGAIN');
  });

  it('lists what was set aside, a page at a time', async () => {
    const bytes = Buffer.from('no picture');
    for (const number of [1, 2, 3]) await putFrame(site, number, { bytes });
    await start();
    // A frame that is good comes last: when it is through, so are the others.
    const { result, bytes: good } = await makeFrame(4, { capturedAt: '2026-01-31T11:00:00.000Z' });
    await site.frames.put({ id: result.frame.id, meta: result.frame, payload: good });
    await putDetections(site, result);
    await module.inputs?.detections?.handle([result], kit.context.signal);
    await until(() => kit.sent.evidence.length === 1);
    kit.stop();
    await module.drain(AbortSignal.timeout(5000));
    const method = module.methods?.['quarantine-list'];
    const call = (payload: unknown) => method?.call(method.payload.parse(payload), kit.context.signal);
    const ids = Object.keys(await quarantineCodes(site.frames)).toSorted();
    assert.equal(ids.length, 3);
    const first = await call({ limit: 2 });
    assert.partialDeepStrictEqual(first, { items: [{ id: ids[0] }, { id: ids[1] }], next: ids[1] });
    const rest = await call({ after: ids[1] });
    assert.partialDeepStrictEqual(rest, { items: [{ id: ids[2], reason: { code: 'PICTURE_FORMAT_UNSUPPORTED' } }] });
    assert.partialDeepStrictEqual(await call(null), { items: [{ id: ids[0] }, { id: ids[1] }, { id: ids[2] }] });
    await module.close();
  });

  it('sends the figures of a window that is over', async () => {
    await putFrame(site, 1);
    await start({ aggregates: { graceSeconds: 0 } });
    await until(() => kit.sent.aggregates.length === 1);
    await stop();
    assert.partialDeepStrictEqual(kit.sent.aggregates[0], { source: 'gate', frames: 1, counts: { face: 1 } });
  });

  it('refuses an environment without its volumes', async () => {
    const bare = createFakeContext<RedactTwin>({ twin: twinOf(), stateDir: site.stateDir });
    await assert.rejects(redact.start(bare.context), { name: 'ConfigError', code: 'ENVIRONMENT_INVALID' });
  });
});
