import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Azurite, startAzurite } from '../../../tools/cli/src/start/azurite.ts';
import { asStoreItem, makeEvidence } from './testing/make-evidence.ts';
import { someEvidence, TestSite } from './testing/test-site.ts';

describe('uploader', function () {
  this.timeout(60_000);

  let dir: string;
  let azurite: Azurite;
  let site: TestSite;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-azurite-'));
    azurite = await startAzurite({ dir });
  });

  after(async () => {
    await azurite?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  beforeEach(async () => {
    site = await TestSite.open(azurite);
  });

  afterEach(() => site.close());

  it('brings what lies in the evidence store to the cloud, and leaves nothing behind', async () => {
    const items = someEvidence(20);
    await site.put(items);
    await site.start();
    await site.uploaded(20);
    await site.assertArrived(items);
    assert.deepEqual([await site.inSpool(), await site.inEvidenceStore()], [[], []]);
    const first = site.fake.sent.uploads.find(({ id }) => id === items[0]?.evidence.id);
    assert.equal(first?.blob, `plant-7/test-device/gate/2026/01/31/10/${first?.id}.jpg`);
    assert.equal(first?.container, site.container);
    assert.match(await site.fake.metricsText(), /edgeveil_evidence_uploaded_total\{[^}]*\} 20/);
  });

  it('takes at once what a message announces', async () => {
    await site.start({ twin: site.twin({ sweepSeconds: 86_400 }) });
    await site.until('it has swept once', () => /cloud reachable/.test(site.fake.lines.join('')));
    const items = someEvidence(1);
    await site.put(items);
    const announced = items.map(({ evidence }) => evidence);
    await site.module.inputs?.evidence?.handle([...announced, ...announced], site.fake.context.signal);
    await site.uploaded(1);
    await site.assertArrived(items);
  });

  it('uploads the oldest first', async () => {
    const items = someEvidence(8);
    const twin = site.twin({ concurrency: 1 });
    await site.put([...items].reverse());
    await site.start({ twin, connectionString: '' });
    await site.spooled(8);
    await site.stop();
    await site.start({ twin });
    await site.uploaded(8);
    assert.deepEqual(
      site.fake.sent.uploads.map(({ id }) => id),
      items.map(({ evidence }) => evidence.id),
    );
  });

  it('never lets out a picture without a valid receipt', async () => {
    const good = someEvidence(1);
    const missing = asStoreItem(makeEvidence({ number: 50 }));
    const tampered = asStoreItem(makeEvidence({ number: 51 }));
    const swapped = asStoreItem(makeEvidence({ number: 52 }));
    await site.put(good);
    await site.evidence.put({ ...missing, meta: { evidence: missing.meta.evidence } });
    await site.evidence.put({ ...tampered, payload: Buffer.concat([tampered.payload, Buffer.from('x')]) });
    await site.evidence.put({ ...swapped, meta: makeEvidence({ number: 53 }) });
    await site.start();
    await site.until('three are quarantined', () => site.eventCodes.length >= 3);
    await site.uploaded(1);
    await site.assertArrived(good);
    const reasons: string[] = [];
    for await (const { reason } of site.evidence.quarantined()) reasons.push(reason.code);
    assert.deepEqual(reasons, ['EVIDENCE_RECEIPT_INVALID', 'EVIDENCE_PICTURE_MISMATCH', 'EVIDENCE_RECEIPT_FOREIGN']);
    const metrics = await site.fake.metricsText();
    assert.match(metrics, /edgeveil_quarantined_total\{[^}]*EVIDENCE_PICTURE_MISMATCH[^}]*\} 1/);
  });

  it('stops taking evidence at the bound, and takes the rest when there is room', async () => {
    const items = someEvidence(20);
    const twin = site.twin({ spool: { maxBytes: 10_000 } });
    await site.put(items);
    await site.start({ connectionString: '', twin });
    await site.told('SPOOL_FULL');
    assert.equal(site.fake.health.readiness().isOk, false);
    await site.until('as much is in the spool as may be', async () => {
      const inSpool = (await site.inSpool()).length;
      assert.ok(inSpool <= 3, `${inSpool} in the spool`);
      return inSpool === 3 && (await site.inEvidenceStore()).length === 17;
    });
    await site.stop();
    await site.start({ twin });
    await site.uploaded(20);
    await site.assertArrived(items);
    assert.ok(site.fake.health.readiness().isOk);
  });

  it('follows its twin at once', async () => {
    await site.put(someEvidence(2));
    await site.start();
    await site.uploaded(2);
    site.container = `${site.container}-b`;
    await site.module.apply(site.twin({ concurrency: 1 }));
    const second = someEvidence(4).slice(2);
    await site.put(second);
    await site.uploaded(4);
    await site.assertArrived(second);
  });

  it('replaces what is in the cloud when a frame was redacted anew', async () => {
    await site.put([makeEvidence({ modelName: 'old' })]);
    await site.start();
    await site.uploaded(1);
    const newer = makeEvidence({ modelName: 'new' });
    await site.put([newer]);
    await site.uploaded(2);
    await site.assertArrived([newer]);
  });

  it('brings everything across once, however often it is killed', async () => {
    const items = someEvidence(150);
    await site.put(items);
    for (const uploads of [1, 12, 4]) await site.killAfter(uploads);
    await site.start();
    await site.until('all is done', async () => {
      return (await site.inEvidenceStore()).length === 0 && (await site.inSpool()).length === 0;
    });
    await site.assertArrived(items);
    assert.deepEqual(site.eventCodes, []);
  });

  it('finishes what is under way when it stops, and leaves the rest in the spool', async () => {
    const items = someEvidence(40);
    await site.put(items);
    await site.start();
    await site.uploaded(3);
    await site.stop();
    const uploaded = site.fake.sent.uploads.map(({ id }) => id);
    const left = [...(await site.inSpool()), ...(await site.inEvidenceStore())];
    assert.deepEqual([...uploaded, ...left].sort(), items.map(({ evidence }) => evidence.id).sort());
  });

  it('reports what waits', async () => {
    await site.put(someEvidence(2));
    await site.start({ connectionString: '' });
    await site.until('it has reported', () => 'spool' in site.fake.reported());
  });
});
