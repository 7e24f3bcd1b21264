import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BlobServiceClient } from '@azure/storage-blob';
import { type UploaderTwin, uploaderTwinSchema } from '@edgeveil/contracts';
import { FileStore, Keyring } from '@edgeveil/frame-store';
import type { RunningModule } from '@edgeveil/module-kit';
import { createFakeContext, type FakeContext } from '@edgeveil/module-kit/testing';
import { type Azurite, startAzurite } from '../../../tools/cli/src/start/azurite.ts';
import type { CheckedEvidence } from './checked-evidence.ts';
import { asStoreItem, makeEvidence } from './test-evidence.ts';
import { TestProxy } from './test-proxy.ts';
import { uploader } from './uploader.ts';

describe('uploader', function () {
  this.timeout(30_000);

  let azuriteDir: string;
  let azurite: Azurite;
  let container: string;
  let containers = 0;
  let dir: string;
  let evidence: FileStore;
  let proxy: TestProxy;
  let fake: FakeContext<UploaderTwin>;
  let running: RunningModule<UploaderTwin> | undefined;

  before(async () => {
    azuriteDir = await mkdtemp(join(tmpdir(), 'edgeveil-azurite-'));
    azurite = await startAzurite({ dir: azuriteDir });
  });

  after(async () => {
    await azurite?.stop();
    await rm(azuriteDir, { recursive: true, force: true });
  });

  beforeEach(async () => {
    containers += 1;
    container = `uploader-${containers}`;
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-uploader-'));
    evidence = await FileStore.open({
      dir: join(dir, 'evidence'),
      keyring: await Keyring.open(join(dir, 'store.key')),
    });
    proxy = await TestProxy.start(azurite.port);
  });

  afterEach(async () => {
    await stop();
    await evidence.close();
    await proxy.stop();
    await rm(dir, { recursive: true, force: true });
  });

  function twinOf(changes: Record<string, unknown> = {}): UploaderTwin {
    return uploaderTwinSchema.parse({
      destination: { container, site: 'plant-7' },
      retry: { firstDelayMs: 5, maxDelayMs: 40 },
      sweepSeconds: 0.05,
      ...changes,
    });
  }

  const throughProxy = (): string => azurite.connectionString.replace(`:${azurite.port}/`, `:${proxy.port}/`);

  async function start(
    options: { readonly twin?: UploaderTwin; readonly connectionString?: string } = {},
  ): Promise<RunningModule<UploaderTwin>> {
    fake = createFakeContext({
      twin: options.twin ?? twinOf(),
      moduleId: 'uploader',
      stateDir: join(dir, 'state'),
      environment: {
        EDGEVEIL_EVIDENCE_DIR: join(dir, 'evidence'),
        EDGEVEIL_KEY_FILE: join(dir, 'store.key'),
        EDGEVEIL_STORAGE_CONNECTION_STRING: options.connectionString ?? throughProxy(),
      },
    });
    running = await uploader.start(fake.context);
    return running;
  }

  async function stop(): Promise<void> {
    if (running === undefined) return;
    fake.stop();
    await running.drain(AbortSignal.timeout(5000));
    await running.close();
    running = undefined;
    assert.deepEqual(fake.crashes, []);
  }

  async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    const giveUp = Date.now() + 15_000;
    while (!(await isSo())) {
      assert.ok(Date.now() < giveUp, `waited in vain until ${what}; log:\n${fake.lines.slice(-30).join('\n')}`);
      await pause(5);
    }
  }

  const put = async (items: readonly CheckedEvidence[]): Promise<void> => {
    for (const item of items) await evidence.put(asStoreItem(item));
  };
  const some = (count: number): CheckedEvidence[] =>
    Array.from({ length: count }, (_, number) => makeEvidence({ number, picture: randomBytes(2000 + number) }));
  const sealedFiles = async (...path: string[]) =>
    (await readdir(join(dir, ...path))).filter((n) => n.endsWith('.item'));
  const spooled = () => sealedFiles('state', 'spool', 'files', 'items');
  const uploads = (count: number) => until(`${count} are uploaded`, () => fake.sent.uploads.length >= count);
  const eventCodes = () => fake.sent.events.map(({ code }) => code);

  async function cloudNames(): Promise<string[]> {
    const client = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient(container);
    if (!(await client.exists())) return [];
    const names: string[] = [];
    for await (const { name } of client.listBlobsFlat()) names.push(name);
    return names;
  }

  async function assertArrived(items: readonly CheckedEvidence[]): Promise<void> {
    const client = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient(container);
    const names = await cloudNames();
    assert.equal(names.length, items.length * 2);
    for (const {
      evidence: { id },
      receipt,
      picture,
    } of items) {
      const name = names.find((each) => each.endsWith(`/${id}.jpg`)) ?? '';
      assert.deepEqual(await client.getBlobClient(name).downloadToBuffer(), picture);
      const stored = await client.getBlobClient(name.replace('.jpg', '.receipt.json')).downloadToBuffer();
      assert.deepEqual(JSON.parse(stored.toString()), receipt);
    }
  }

  /** Runs the module in a process of its own, which is killed when it has uploaded so many. */
  async function killAfter(uploadsBefore: number): Promise<void> {
    const script = fileURLToPath(new URL('./test-uploader-process.ts', import.meta.url));
    const settings = { dir, twin: twinOf(), connectionString: azurite.connectionString };
    const child = spawn(process.execPath, [script, JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    let uploaded = 0;
    for await (const _ of createInterface({ input: child.stdout })) {
      uploaded += 1;
      if (uploaded === uploadsBefore) child.kill('SIGKILL');
    }
    assert.deepEqual(await ended, [null, 'SIGKILL']);
  }

  it('brings what lies in the evidence store to the cloud, and leaves nothing behind', async () => {
    const items = some(20);
    await put(items);
    await start();
    await uploads(20);
    await assertArrived(items);
    assert.deepEqual(await spooled(), []);
    assert.deepEqual(await sealedFiles('evidence', 'items'), []);
    const first = fake.sent.uploads.find(({ id }) => id === items[0]?.evidence.id);
    assert.equal(first?.blob, `plant-7/test-device/gate/2026/01/31/10/${first?.id}.jpg`);
    assert.equal(first?.container, container);
    assert.match(await fake.metricsText(), /edgeveil_evidence_uploaded_total\{[^}]*\} 20/);
  });

  it('takes at once what a message announces', async () => {
    const module = await start({ twin: twinOf({ sweepSeconds: 86_400 }) });
    await until('it has swept once', () => /cloud reachable/.test(fake.lines.join('\n')));
    const [item] = some(1);
    assert.ok(item);
    await put([item]);
    await module.inputs?.evidence?.handle([item.evidence, item.evidence], fake.context.signal);
    await uploads(1);
    await assertArrived([item]);
  });

  it('uploads the oldest first', async () => {
    const items = some(8);
    await put([...items].reverse());
    await start({ twin: twinOf({ concurrency: 1 }), connectionString: 'AccountName=x' });
    await until('all are spooled', async () => (await spooled()).length === 8);
    await stop();
    await start({ twin: twinOf({ concurrency: 1 }) });
    await uploads(8);
    assert.deepEqual(
      fake.sent.uploads.map(({ id }) => id),
      items.map(({ evidence: { id } }) => id),
    );
  });

  it('never lets out a picture without a valid receipt', async () => {
    const good = some(1);
    const missing = asStoreItem(makeEvidence({ number: 50 }));
    const tampered = asStoreItem(makeEvidence({ number: 51 }));
    const swapped = asStoreItem(makeEvidence({ number: 52 }));
    await put(good);
    await evidence.put({ ...missing, meta: { evidence: missing.meta.evidence } });
    await evidence.put({ ...tampered, payload: Buffer.concat([tampered.payload, Buffer.from('x')]) });
    await evidence.put({ ...swapped, meta: makeEvidence({ number: 53 }) });
    await start();
    await until('three are quarantined', () => eventCodes().length >= 3);
    await uploads(1);
    await assertArrived(good);
    const reasons: string[] = [];
    for await (const { reason } of evidence.quarantined()) reasons.push(reason.code);
    assert.deepEqual(reasons, ['EVIDENCE_RECEIPT_INVALID', 'EVIDENCE_PICTURE_MISMATCH', 'EVIDENCE_RECEIPT_FOREIGN']);
    assert.match(await fake.metricsText(), /edgeveil_quarantined_total\{[^}]*EVIDENCE_PICTURE_MISMATCH[^}]*\} 1/);
  });

  for (const [what, connectionString, code] of [
    ['no connection string', '$EDGEVEIL_STORAGE_CONNECTION_STRING', 'STORAGE_NOT_CONFIGURED'],
    ['a malformed one', 'AccountName=plant;AccountKey=', 'STORAGE_CONNECTION_STRING_INVALID'],
    ['a wrong key', `AccountKey=${randomBytes(64).toString('base64')}`, 'UPLOAD_FORBIDDEN'],
  ] as const) {
    it(`keeps taking evidence with ${what}, and says so once`, async () => {
      const items = some(5);
      await put(items);
      const wrongKey = throughProxy().replace(/AccountKey=[^;]+/, connectionString);
      await start({ connectionString: code === 'UPLOAD_FORBIDDEN' ? wrongKey : connectionString });
      await until('all are spooled', async () => (await spooled()).length === 5);
      await until('it is not ready', () => !fake.health.readiness().isOk);
      await pause(100);
      assert.deepEqual(eventCodes(), ['STORAGE_REFUSED']);
      const { destination } = fake.reported() as { destination: { state: string; code: string } };
      assert.equal(destination.state, 'refused');
      assert.equal(destination.code, code);
      assert.deepEqual(await sealedFiles('evidence', 'items'), []);
      await stop();
      await start();
      await uploads(5);
      await assertArrived(items);
    });
  }

  it('waits for an account that is away, says so once, and goes on when it is back', async () => {
    const { port } = proxy;
    const connectionString = throughProxy();
    await proxy.stop();
    const items = some(10);
    await put(items);
    await start({ connectionString });
    await until('all are spooled', async () => (await spooled()).length === 10);
    await until('it says so', () => eventCodes().length > 0);
    assert.ok(fake.health.readiness().isOk, 'spooling is what it is for');
    await pause(200);
    assert.deepEqual(eventCodes(), ['STORAGE_AWAY']);
    assert.match(await fake.metricsText(), /edgeveil_cloud_reachable\{[^}]*\} 0/);
    proxy = await TestProxy.start(azurite.port, port);
    await uploads(10);
    await assertArrived(items);
    assert.deepEqual(eventCodes(), ['STORAGE_AWAY', 'STORAGE_BACK']);
    assert.match(await fake.metricsText(), /edgeveil_cloud_reachable\{[^}]*\} 1/);
  });

  it('asks an account that is away with one cheap call at a time', async () => {
    await put(some(30));
    proxy.fault = { kind: 'cut', afterBytes: 0 };
    await start({ twin: twinOf({ concurrency: 8 }) });
    await until('it has tried some times', () => proxy.requests.length >= 5);
    assert.ok(
      proxy.requests.every((line) => line.includes('restype=container')),
      proxy.requests.join('\n'),
    );
  });

  it('gets everything through a line that breaks in mid-upload', async () => {
    const items = some(30);
    await put(items);
    await start();
    await uploads(3);
    for (let cut = 0; cut < 10; cut += 1) {
      proxy.fault = { kind: 'cut', afterBytes: 700 * cut };
      await pause(20);
      proxy.fault = { kind: 'none' };
      await pause(20);
    }
    await uploads(30);
    await assertArrived(items);
  });

  it('sets an item aside that the account refuses again and again while others get through', async () => {
    const [bad, ...good] = some(40);
    assert.ok(bad);
    const { id } = bad.evidence;
    await put([bad, ...good]);
    proxy.fault = { kind: 'refuse', requestsWith: `${id}.jpg`, status: 400, errorCode: 'InvalidMetadata' };
    await start({ twin: twinOf({ concurrency: 2 }) });
    await until('it is set aside', () => eventCodes().includes('EVIDENCE_QUARANTINED'));
    await uploads(39);
    assert.ok(!fake.sent.uploads.some((upload) => upload.id === id));
    assert.deepEqual(await sealedFiles('state', 'spool', 'files', 'quarantine'), [`${id}.item`]);
    assert.deepEqual(await spooled(), []);
  });

  it('does not let one item hold up the others that the account forbids', async () => {
    const [bad, ...good] = some(20);
    assert.ok(bad);
    proxy.fault = { kind: 'refuse', requestsWith: bad.evidence.id, status: 403, errorCode: 'AuthorizationFailure' };
    await put([bad, ...good]);
    await start({ twin: twinOf({ concurrency: 2 }) });
    await uploads(19);
    assert.deepEqual(await spooled(), [`${bad.evidence.id}.item`]);
  });

  it('blames the account when it refuses everything, and keeps it all', async () => {
    const items = some(6);
    await put(items);
    proxy.fault = { kind: 'refuse', requestsWith: '.jpg', status: 400, errorCode: 'InvalidHeaderValue' };
    await start();
    await until('it says so', () => eventCodes().includes('STORAGE_REFUSED'));
    await until('each was refused often', () => proxy.requests.filter((line) => line.endsWith('.jpg')).length > 15);
    assert.equal((await spooled()).length, 6);
    assert.deepEqual(eventCodes(), ['STORAGE_REFUSED']);
    proxy.fault = { kind: 'none' };
    await uploads(6);
    await assertArrived(items);
  });

  it('stops taking evidence at the bound, and takes the rest when there is room', async () => {
    const items = some(20);
    await put(items);
    await start({ connectionString: '', twin: twinOf({ spool: { maxBytes: 10_000 } }) });
    await until('it is full', () => eventCodes().includes('SPOOL_FULL'));
    await pause(150);
    const [inSpool, inStore] = [(await spooled()).length, (await sealedFiles('evidence', 'items')).length];
    assert.equal(inSpool + inStore, 20);
    assert.ok(inSpool >= 2 && inSpool <= 4, `${inSpool} in the spool`);
    assert.equal(eventCodes().filter((code) => code === 'SPOOL_FULL').length, 1);
    await stop();
    await start({ twin: twinOf({ spool: { maxBytes: 10_000 } }) });
    await uploads(20);
    await assertArrived(items);
    assert.ok(fake.health.readiness().isOk);
  });

  it('follows its twin at once', async () => {
    const first = some(2);
    await put(first);
    const module = await start();
    await uploads(2);
    container = `${container}-b`;
    await module.apply(twinOf({ concurrency: 1 }));
    const second = some(4).slice(2);
    await put(second);
    await uploads(4);
    await assertArrived(second);
  });

  it('replaces what is in the cloud when a frame was redacted anew', async () => {
    await put([makeEvidence({ modelName: 'old' })]);
    await start();
    await uploads(1);
    const newer = makeEvidence({ modelName: 'new' });
    await put([newer]);
    await uploads(2);
    await assertArrived([newer]);
  });

  it('tries everything now when asked to', async () => {
    const connectionString = throughProxy();
    const { port } = proxy;
    await proxy.stop();
    await put(some(3));
    const module = await start({
      connectionString,
      twin: twinOf({ retry: { firstDelayMs: 3_600_000, maxDelayMs: 3_600_000 } }),
    });
    await until('it is away', () => eventCodes().includes('STORAGE_AWAY'));
    proxy = await TestProxy.start(azurite.port, port);
    await until('all are spooled', async () => (await spooled()).length === 3);
    const before = await module.methods?.['spool-status']?.call(undefined, fake.context.signal);
    assert.deepEqual(
      { ...(before as Record<string, unknown>), bytes: 0 },
      {
        items: 3,
        bytes: 0,
        oldest: '2026-01-31T10:59:59.000Z',
        maxBytes: 20 * 1024 ** 3,
        destination: 'away',
        code: 'UPLOAD_NETWORK',
        underWay: 0,
        blocked: undefined,
      },
    );
    await module.methods?.flush?.call(undefined, fake.context.signal);
    await uploads(3);
  });

  it('brings everything across once, however often it is killed', async () => {
    const items = some(150);
    await put(items);
    for (const uploadsBefore of [1, 9, 4, 16, 2]) await killAfter(uploadsBefore);
    await start();
    await until('all is done', async () => {
      const waiting = [...(await sealedFiles('evidence', 'items')), ...(await spooled())];
      return waiting.length === 0;
    });
    await assertArrived(items);
    assert.deepEqual(eventCodes(), []);
  });

  it('reports what waits', async () => {
    await put(some(2));
    await start({ connectionString: '' });
    await until('it has reported', () => 'spool' in fake.reported());
  });

  it('never writes the credentials anywhere', async () => {
    const secret = randomBytes(64).toString('base64');
    await put(some(1));
    await start({ connectionString: throughProxy().replace(/AccountKey=[^;]+/, `AccountKey=${secret}`) });
    await until('it is refused', () => eventCodes().length > 0);
    const told = fake.lines.join('\n') + JSON.stringify(fake.sent) + JSON.stringify(fake.reported());
    assert.ok(!told.includes(secret) && !/SharedKey \w+:/.test(told));
  });
});
