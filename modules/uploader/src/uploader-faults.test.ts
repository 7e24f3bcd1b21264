import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Azurite, startAzurite } from '../../../tools/cli/src/start/azurite.ts';
import { TestLine } from './testing/test-line.ts';
import { someEvidence, TestSite } from './testing/test-site.ts';

describe('uploader, when the cloud does not take it', function () {
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

  for (const [what, connectionString, code] of [
    ['no connection string', '$EDGEVEIL_STORAGE_CONNECTION_STRING', 'STORAGE_NOT_CONFIGURED'],
    ['a malformed one', 'AccountName=plant;AccountKey=', 'STORAGE_CONNECTION_STRING_INVALID'],
  ] as const) {
    it(`keeps taking evidence with ${what}, and says so once`, async () => {
      const items = someEvidence(5);
      await site.put(items);
      await site.start({ connectionString });
      await site.told('STORAGE_REFUSED');
      await site.spooled(5);
      assert.equal(site.fake.health.readiness().isOk, false);
      assert.deepEqual(site.eventCodes, ['STORAGE_REFUSED']);
      assert.partialDeepStrictEqual(site.fake.reported(), { destination: { state: 'refused', code } });
      await site.stop();
      await site.start();
      await site.uploaded(5);
      await site.assertArrived(items);
    });
  }

  it('keeps taking evidence with a wrong key, says so once, and gives no secret away', async () => {
    const secret = randomBytes(64).toString('base64');
    const items = someEvidence(5);
    await site.put(items);
    await site.start({ connectionString: site.connectionString.replace(/AccountKey=[^;]+/, `AccountKey=${secret}`) });
    await site.spooled(5);
    await site.until('it has tried often', () => site.line.requests.length > 5);
    assert.deepEqual(site.eventCodes, ['STORAGE_REFUSED']);
    assert.partialDeepStrictEqual(site.fake.reported(), { destination: { code: 'UPLOAD_FORBIDDEN' } });
    const told = [...site.fake.lines, JSON.stringify(site.fake.sent), JSON.stringify(site.fake.reported())].join('');
    assert.ok(!told.includes(secret) && !/SharedKey \w+:/.test(told));
    await site.stop();
    await site.start();
    await site.uploaded(5);
    await site.assertArrived(items);
  });

  it('waits for an account that is away, says so once, and goes on when it is back', async () => {
    const items = someEvidence(10);
    await site.put(items);
    await site.line.stop();
    await site.start();
    await site.spooled(10);
    await site.told('STORAGE_AWAY');
    assert.ok(site.fake.health.readiness().isOk, 'spooling is what it is for');
    assert.match(await site.fake.metricsText(), /edgeveil_cloud_reachable\{[^}]*\} 0/);
    site.line = await TestLine.start(azurite.port, site.port);
    await site.uploaded(10);
    await site.assertArrived(items);
    assert.deepEqual(site.eventCodes, ['STORAGE_AWAY', 'STORAGE_BACK']);
    assert.match(await site.fake.metricsText(), /edgeveil_cloud_reachable\{[^}]*\} 1/);
  });

  it('asks an account that is away with one cheap call at a time, and tells of it once', async () => {
    await site.put(someEvidence(30));
    site.line.fault = { kind: 'cut', afterBytes: 0 };
    await site.start({ twin: site.twin({ concurrency: 8 }) });
    await site.until('it has tried often', () => site.line.requests.length >= 8);
    assert.ok(
      site.line.requests.every((request) => request.includes('restype=container')),
      site.line.requests.join(' '),
    );
    assert.deepEqual(site.eventCodes, ['STORAGE_AWAY']);
  });

  it('gets everything through a line that breaks in mid-upload', async () => {
    const items = someEvidence(30);
    await site.put(items);
    const isDone = () => site.fake.sent.uploads.length === 30;
    await site.start();
    for (let cut = 0; cut < 10; cut += 1) {
      const before = site.line.requests.length;
      site.line.fault = { kind: 'cut', afterBytes: 700 * cut };
      await site.until('something was cut', () => site.line.requests.length > before + 2 || isDone());
      site.line.fault = { kind: 'none' };
      await site.uploaded(cut);
    }
    await site.uploaded(30);
    await site.assertArrived(items);
  });

  it('sets an item aside that the account refuses again and again while others get through', async () => {
    const [bad, ...good] = someEvidence(40);
    assert.ok(bad);
    const { id } = bad.evidence;
    await site.put([bad, ...good]);
    site.line.fault = { kind: 'refuse', requestsWith: `${id}.jpg`, status: 400, errorCode: 'InvalidMetadata' };
    await site.start({ twin: site.twin({ concurrency: 2 }) });
    await site.told('EVIDENCE_QUARANTINED');
    await site.uploaded(39);
    assert.ok(!site.fake.sent.uploads.some((upload) => upload.id === id));
    assert.deepEqual([await site.inSpoolQuarantine(), await site.inSpool()], [[id], []]);
  });

  it('does not let one item hold up the others that the account forbids', async () => {
    const [bad, ...good] = someEvidence(20);
    assert.ok(bad);
    const { id } = bad.evidence;
    site.line.fault = { kind: 'refuse', requestsWith: id, status: 403, errorCode: 'AuthorizationFailure' };
    await site.put([bad, ...good]);
    await site.start({ twin: site.twin({ concurrency: 2 }) });
    await site.uploaded(19);
    assert.deepEqual(await site.inSpool(), [id]);
  });

  it('blames the account when it refuses everything, and keeps it all', async () => {
    const items = someEvidence(6);
    await site.put(items);
    site.line.fault = { kind: 'refuse', requestsWith: '.jpg', status: 400, errorCode: 'InvalidHeaderValue' };
    await site.start();
    const refusals = () => site.line.requests.filter((request) => request.endsWith('.jpg')).length;
    await site.until('each was refused often', () => refusals() > 30);
    assert.equal((await site.inSpool()).length, 6);
    assert.deepEqual(site.eventCodes, ['STORAGE_REFUSED']);
    site.line.fault = { kind: 'none' };
    await site.uploaded(6);
    await site.assertArrived(items);
  });

  it('tries everything now when asked to', async () => {
    await site.line.stop();
    await site.put(someEvidence(3));
    await site.start({ twin: site.twin({ retry: { firstDelayMs: 3_600_000, maxDelayMs: 3_600_000 } }) });
    await site.told('STORAGE_AWAY');
    await site.spooled(3);
    site.line = await TestLine.start(azurite.port, site.port);
    const status = await site.module.methods?.['spool-status']?.call(undefined, site.fake.context.signal);
    assert.partialDeepStrictEqual(status, {
      items: 3,
      oldest: '2026-01-31T10:59:59.000Z',
      destination: 'away',
      code: 'UPLOAD_NETWORK',
      underWay: 0,
    });
    await site.module.methods?.flush?.call(undefined, site.fake.context.signal);
    await site.uploaded(3);
  });
});
