import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RejectedError } from '@edgeveil/contracts';
import { FileStore, Keyring } from '@edgeveil/frame-store';
import { createFakeContext } from '@edgeveil/module-kit/testing';
import { Spool } from './spool.ts';
import { asStoreItem, makeEvidence } from './testing/make-evidence.ts';

describe('Spool', () => {
  let dir: string;
  let keyring: Keyring;
  let spool: Spool;
  let lines: readonly string[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-spool-'));
    keyring = await Keyring.open(join(dir, 'store.key'));
    await open();
  });

  afterEach(async () => {
    await spool.close();
    await rm(dir, { recursive: true, force: true });
  });

  async function open(): Promise<void> {
    const fake = createFakeContext({ twin: {}, stateDir: dir });
    lines = fake.lines;
    spool = await Spool.open({ dir: join(dir, 'spool'), keyring, log: fake.context.log });
  }

  async function reopen(): Promise<void> {
    await spool.close();
    await open();
  }

  const files = () => FileStore.open({ dir: join(dir, 'spool', 'files'), keyring });
  const sealedFiles = async () => (await readdir(join(dir, 'spool', 'files', 'items'))).length;

  it('gives back what it took, oldest first, and says how much it holds', async () => {
    const [older, newer] = [makeEvidence({ number: 1 }), makeEvidence({ number: 2 })];
    assert.equal(await spool.add(newer), 'stored');
    assert.equal(await spool.add(older), 'stored');
    assert.equal(spool.next(0)?.id, older.evidence.id);
    assert.deepEqual(await spool.read(older.evidence.id), older);
    const { items, bytes, oldest } = spool.usage();
    assert.equal(items, 2);
    assert.ok(bytes > 2000);
    assert.equal(oldest, older.evidence.capturedAt);
  });

  it('holds an item once, however often it comes', async () => {
    const item = makeEvidence();
    await spool.add(item);
    assert.equal(await spool.add(item), 'exists');
    assert.equal(spool.usage().items, 1);
  });

  it('replaces other content, but not while it is being delivered', async () => {
    const [older, newer] = [makeEvidence({ modelName: 'old' }), makeEvidence({ modelName: 'new' })];
    const { id } = older.evidence;
    await spool.add(older);
    spool.begin(id);
    assert.equal(await spool.add(newer), 'busy');
    assert.deepEqual(await spool.read(id), older);
    spool.end(id);
    assert.equal(await spool.add(newer), 'stored');
    assert.deepEqual(await spool.read(id), newer);
    assert.equal(spool.usage().items, 1);
  });

  it('takes the newer receipt when another model left the same pixels', async () => {
    const picture = Buffer.from('the same pixels');
    const newer = makeEvidence({ modelName: 'new', picture });
    await spool.add(makeEvidence({ modelName: 'old', picture }));
    assert.equal(await spool.add(newer), 'stored');
    assert.deepEqual(await spool.read(newer.evidence.id), newer);
    await reopen();
    assert.equal(await spool.add(newer), 'exists');
  });

  it('does not offer what is being replaced', async () => {
    await spool.add(makeEvidence({ modelName: 'old' }));
    const replacing = spool.add(makeEvidence({ modelName: 'new' }));
    assert.equal(spool.next(0), undefined);
    await replacing;
    assert.ok(spool.next(0));
  });

  it('does not offer what is under way', async () => {
    const [first, second] = [makeEvidence({ number: 1 }), makeEvidence({ number: 2 })];
    await spool.add(first);
    await spool.add(second);
    spool.begin(first.evidence.id);
    assert.equal(spool.next(0)?.id, second.evidence.id);
    spool.begin(second.evidence.id);
    assert.equal(spool.next(0), undefined);
  });

  it('is empty on disk once everything is delivered', async () => {
    const item = makeEvidence();
    await spool.add(item);
    await spool.complete(item.evidence.id);
    await spool.complete(item.evidence.id);
    assert.equal(spool.usage().items, 0);
    assert.equal(await sealedFiles(), 0);
  });

  it('remembers everything', async () => {
    const item = makeEvidence();
    await spool.add(item);
    spool.countAttempt(item.evidence.id);
    await reopen();
    assert.equal(spool.next(0)?.attempts, 1);
    assert.deepEqual(await spool.read(item.evidence.id), item);
  });

  it('takes up a file without a row: killed after the file was written, or before it was deleted', async () => {
    const item = makeEvidence();
    await spool.close();
    const store = await files();
    await store.put(asStoreItem(item));
    await store.close();
    await open();
    assert.equal(spool.next(0)?.id, item.evidence.id);
    assert.deepEqual(await spool.read(item.evidence.id), item);
  });

  it('drops a row without a file', async () => {
    const item = makeEvidence();
    await spool.add(item);
    await spool.close();
    const store = await files();
    await store.settle(item.evidence.id);
    await store.close();
    await open();
    assert.equal(spool.usage().items, 0);
    assert.match(lines.join('\n'), /rows without a file/);
  });

  it('loses nothing with its ledger', async () => {
    const items = [1, 2, 3].map((number) => makeEvidence({ number }));
    for (const item of items) await spool.add(item);
    await spool.close();
    await writeFile(join(dir, 'spool', 'spool.db'), Buffer.alloc(8192, 7));
    await open();
    assert.equal(spool.usage().items, 3);
    for (const item of items) assert.deepEqual(await spool.read(item.evidence.id), item);
  });

  it('sets a file aside whose receipt does not parse', async () => {
    const item = makeEvidence();
    await spool.close();
    const store = await files();
    await store.put({ ...asStoreItem(item), meta: { evidence: item.evidence } });
    await store.close();
    await open();
    assert.equal(spool.usage().items, 0);
    assert.equal(await sealedFiles(), 0);
    assert.match(lines.join(''), /EVIDENCE_RECEIPT_INVALID/);
  });

  it('gives out no picture that its receipt does not vouch for', async () => {
    const item = makeEvidence();
    await spool.close();
    const store = await files();
    await store.put({ ...asStoreItem(item), payload: Buffer.from('other pixels') });
    await store.close();
    await open();
    await assert.rejects(spool.read(item.evidence.id), { code: 'EVIDENCE_PICTURE_MISMATCH' });
  });

  it('works without a disk for its ledger, and knows everything in its next life', async () => {
    const [first, second] = [makeEvidence({ number: 1 }), makeEvidence({ number: 2 })];
    await spool.add(first);
    await spool.close();
    await rm(join(dir, 'spool', 'spool.db'));
    await mkdir(join(dir, 'spool', 'spool.db'));
    await open();
    assert.match(lines.join(''), /SPOOL_LEDGER_UNWRITABLE/);
    await spool.add(second);
    await spool.complete(first.evidence.id);
    await spool.close();
    await rm(join(dir, 'spool', 'spool.db'), { recursive: true });
    await open();
    assert.equal(spool.usage().items, 1);
    assert.deepEqual(await spool.read(second.evidence.id), second);
  });

  it('keeps what it quarantines, with the reason', async () => {
    const item = makeEvidence();
    const { id } = item.evidence;
    await spool.add(item);
    await spool.quarantine(id, new RejectedError('UPLOAD_REFUSED', 'nobody wants it'));
    assert.equal(spool.usage().items, 0);
    const store = await files();
    const quarantined: unknown[] = [];
    for await (const { reason, ...item } of store.quarantined()) quarantined.push([item.id, reason.code]);
    assert.deepEqual(quarantined, [[id, 'UPLOAD_REFUSED']]);
    await store.close();
  });

  it('leaves nothing readable on disk', async () => {
    await spool.add(makeEvidence({ picture: Buffer.from('a face, in clear'.repeat(50)) }));
    const [name] = await readdir(join(dir, 'spool', 'files', 'items'));
    assert.ok(!(await readFile(join(dir, 'spool', 'files', 'items', name ?? ''))).includes('in clear'));
  });
});
