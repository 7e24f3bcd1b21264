import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobServiceClient, ContainerSASPermissions } from '@azure/storage-blob';
import { ConfigError, RejectedError, TransientError } from '@edgeveil/contracts';
import { type Azurite, startAzurite } from '../../../tools/cli/src/start/azurite.ts';
import { BlobDestination, type DestinationConfig } from './blob-destination.ts';
import { openStorageAccount } from './storage-account.ts';
import { makeEvidence } from './testing/make-evidence.ts';
import { TestLine } from './testing/test-line.ts';

describe('BlobDestination', function () {
  this.timeout(30_000);

  const signal = new AbortController().signal;
  let dir: string;
  let azurite: Azurite;
  let cloud: BlobServiceClient;
  let line: TestLine;
  let container = 0;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-blob-'));
    azurite = await startAzurite({ dir });
    cloud = BlobServiceClient.fromConnectionString(azurite.connectionString);
    line = await TestLine.start(azurite.port);
  });

  beforeEach(() => {
    line.fault = { kind: 'none' };
    line.requests.length = 0;
    container += 1;
  });

  after(async () => {
    await line?.stop();
    await azurite?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const configOf = (changes: Partial<DestinationConfig> = {}): DestinationConfig => ({
    container: `test-${container}`,
    site: 'plant-7',
    createContainer: true,
    ...changes,
  });

  function open(changes: Partial<DestinationConfig> = {}, port = line.port, baseTimeoutMs = 10_000): BlobDestination {
    const connectionString = azurite.connectionString.replace(`:${azurite.port}/`, `:${port}/`);
    return new BlobDestination({
      account: openStorageAccount(connectionString),
      deviceId: 'box-1',
      config: configOf(changes),
      baseTimeoutMs,
    });
  }

  const blob = (name: string) => cloud.getContainerClient(`test-${container}`).getBlockBlobClient(name);

  async function failure(promise: Promise<unknown>): Promise<ConfigError | TransientError | RejectedError> {
    try {
      await promise;
    } catch (error) {
      if (error instanceof ConfigError || error instanceof TransientError || error instanceof RejectedError)
        return error;
      throw error;
    }
    assert.fail('did not fail');
  }

  it('brings picture and receipt under deterministic names, with type, MD5 and the key facts', async () => {
    const evidence = makeEvidence({ number: 0, modelName: 'größe' });
    const destination = open();
    await destination.check(signal);
    const delivered = await destination.deliver(evidence, { attempt: 1, signal });
    const base = `plant-7/box-1/gate/2026/01/31/10/${evidence.evidence.id}`;
    assert.equal(delivered.blob, `${base}.jpg`);
    assert.deepEqual(await blob(`${base}.jpg`).downloadToBuffer(), evidence.picture);
    assert.deepEqual(JSON.parse((await blob(`${base}.receipt.json`).downloadToBuffer()).toString()), evidence.receipt);
    const properties = await blob(`${base}.jpg`).getProperties();
    assert.equal(properties.contentType, 'image/jpeg');
    assert.equal(Buffer.from(properties.contentMD5 ?? []).toString('base64'), evidence.receipt.picture.md5);
    assert.equal(properties.metadata?.framesha256, evidence.receipt.frame.sha256);
    assert.equal(properties.metadata?.modelname, 'gr%C3%B6%C3%9Fe');
    assert.equal(properties.metadata?.masked, '1');
  });

  it('writes the receipt before the picture and needs four calls', async () => {
    const destination = open();
    await destination.check(signal);
    line.requests.length = 0;
    await destination.deliver(makeEvidence(), { attempt: 1, signal });
    assert.deepEqual(
      line.requests.slice(0, 2).map((request) => request.replace(/^(\w+) .*?(jpg|receipt\.json)$/, '$1 $2')),
      ['PUT receipt.json', 'PUT jpg'],
    );
    assert.equal(line.requests.length, 4);
  });

  it('does not send again what is there', async () => {
    const evidence = makeEvidence();
    const destination = open();
    await destination.check(signal);
    await destination.deliver(evidence, { attempt: 1, signal });
    const { etag } = await blob(`plant-7/box-1/gate/2026/01/31/10/${evidence.evidence.id}.jpg`).getProperties();
    line.requests.length = 0;
    const again = await destination.deliver(evidence, { attempt: 2, signal });
    assert.equal(again.sentBytes, 0);
    assert.ok(
      line.requests.every((request) => request.startsWith('HEAD')),
      line.requests.join('\n'),
    );
    // A spool that lost its memory does not know that it is the second time
    assert.equal((await destination.deliver(evidence, { attempt: 1, signal })).sentBytes, 0);
    const properties = await blob(again.blob).getProperties();
    assert.equal(properties.etag, etag);
  });

  it('replaces other content under the same name', async () => {
    const destination = open();
    await destination.check(signal);
    await destination.deliver(makeEvidence({ modelName: 'old' }), { attempt: 1, signal });
    const newer = makeEvidence({ modelName: 'new' });
    const { blob: name } = await destination.deliver(newer, { attempt: 1, signal });
    assert.deepEqual(await blob(name).downloadToBuffer(), newer.picture);
    assert.equal((await blob(name).getProperties()).metadata?.modelname, 'new');
    const receipt = await blob(name.replace('.jpg', '.receipt.json')).downloadToBuffer();
    assert.deepEqual(JSON.parse(receipt.toString()), newer.receipt);
  });

  it('brings the facts up to date when another model left the same pixels', async () => {
    const picture = randomBytes(500);
    const destination = open();
    await destination.check(signal);
    await destination.deliver(makeEvidence({ modelName: 'old', picture }), { attempt: 1, signal });
    const { blob: name } = await destination.deliver(makeEvidence({ modelName: 'new', picture }), {
      attempt: 1,
      signal,
    });
    assert.equal((await blob(name).getProperties()).metadata?.modelname, 'new');
  });

  it('notices bytes that were changed on their way, and leaves no picture', async () => {
    const evidence = makeEvidence({ picture: Buffer.from(`${'x'.repeat(500)}GOOD${'y'.repeat(500)}`) });
    const destination = open();
    await destination.check(signal);
    line.fault = { kind: 'corrupt-requests', from: 'GOOD', to: 'EVIL' };
    const error = await failure(destination.deliver(evidence, { attempt: 1, signal }));
    assert.ok(error instanceof TransientError);
    assert.equal(error.code, 'UPLOAD_CORRUPTED');
    assert.equal(await blob(`plant-7/box-1/gate/2026/01/31/10/${evidence.evidence.id}.jpg`).exists(), false);
    line.fault = { kind: 'none' };
    const { blob: name } = await destination.deliver(evidence, { attempt: 2, signal });
    assert.deepEqual(await blob(name).downloadToBuffer(), evidence.picture);
  });

  it('does not believe an answer with another MD5', async () => {
    const evidence = makeEvidence();
    const destination = open();
    await destination.check(signal);
    const { md5 } = evidence.receipt.picture;
    line.fault = { kind: 'corrupt-answers', from: md5, to: Buffer.alloc(16).toString('base64') };
    const error = await failure(destination.deliver(evidence, { attempt: 1, signal }));
    assert.ok(error instanceof TransientError);
    assert.equal(error.code, 'UPLOAD_NOT_VERIFIED');
  });

  it('takes a connection that is cut in mid-upload for transient', async () => {
    const evidence = makeEvidence({ picture: randomBytes(300_000) });
    const destination = open();
    await destination.check(signal);
    line.fault = { kind: 'cut', afterBytes: 100_000 };
    const error = await failure(destination.deliver(evidence, { attempt: 1, signal }));
    assert.ok(error instanceof TransientError);
    assert.equal(error.code, 'UPLOAD_NETWORK');
  });

  it('takes a refused connection for transient', async () => {
    const closed = await TestLine.start(azurite.port);
    const { port } = closed;
    await closed.stop();
    const error = await failure(open({}, port).check(signal));
    assert.ok(error instanceof TransientError);
    assert.equal(error.code, 'UPLOAD_NETWORK');
  });

  it('gives up on a line that swallows everything', async () => {
    line.fault = { kind: 'silent' };
    const error = await failure(open({}, line.port, 100).check(signal));
    assert.ok(error instanceof TransientError);
    assert.equal(error.code, 'UPLOAD_TIMEOUT');
  });

  it('throws the reason of the signal when it is aborted', async () => {
    line.fault = { kind: 'silent' };
    const stop = new AbortController();
    const check = open().check(stop.signal);
    const reason = new TransientError('STOPPED', 'enough');
    stop.abort(reason);
    await assert.rejects(check, reason);
  });

  it('tells a wrong key from a bad line, without giving it away', async () => {
    const wrong = openStorageAccount(
      azurite.connectionString.replace(/AccountKey=[^;]+/, `AccountKey=${randomBytes(64).toString('base64')}`),
    );
    const destination = new BlobDestination({ account: wrong, deviceId: 'box-1', config: configOf() });
    const error = await failure(destination.check(signal));
    assert.ok(error instanceof ConfigError);
    assert.equal(error.code, 'UPLOAD_FORBIDDEN');
    assert.doesNotMatch(JSON.stringify(error.details) + String(error.cause), /SharedKey|sig=/);
  });

  it('demands the container from the operator when it may not create it', async () => {
    const destination = open({ createContainer: false });
    for (const attempt of [destination.check(signal), destination.deliver(makeEvidence(), { attempt: 1, signal })]) {
      const error = await failure(attempt);
      assert.ok(error instanceof ConfigError);
      assert.equal(error.code, 'UPLOAD_CONTAINER_MISSING');
    }
  });

  it('needs no more than a signature for the blobs of its container', async () => {
    const client = cloud.getContainerClient(`test-${container}`);
    await client.create();
    const url = await client.generateSasUrl({
      permissions: ContainerSASPermissions.parse('rcw'),
      expiresOn: new Date(Date.now() + 60_000),
    });
    const signature = `BlobEndpoint=http://127.0.0.1:${line.port}/devstoreaccount1;SharedAccessSignature=${new URL(url).search.slice(1)}`;
    const destination = new BlobDestination({
      account: openStorageAccount(signature),
      deviceId: 'box-1',
      config: configOf({ createContainer: false }),
    });
    await destination.check(signal);
    await destination.deliver(makeEvidence(), { attempt: 1, signal });
    await destination.deliver(makeEvidence({ modelName: 'other' }), { attempt: 1, signal });
  });

  it('has a container that somebody deleted made again by the next check', async () => {
    const destination = open();
    await destination.check(signal);
    await cloud.deleteContainer(`test-${container}`);
    const error = await failure(destination.deliver(makeEvidence(), { attempt: 1, signal }));
    assert.ok(error instanceof TransientError);
    assert.equal(error.code, 'UPLOAD_CONTAINER_MISSING');
    await destination.check(signal);
    await destination.deliver(makeEvidence(), { attempt: 2, signal });
  });

  describe('with a server that answers', () => {
    let server: Server;
    let answer: RequestListener;

    before(async () => {
      server = createServer((request, response) => {
        request.resume().on('end', () => answer(request, response));
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    });

    after(() => {
      server.close();
      server.closeAllConnections();
    });

    const cases = [
      { status: 503, headers: { 'retry-after': '7' }, kind: TransientError, code: 'UPLOAD_BUSY', retryAfterMs: 7000 },
      { status: 503, headers: {}, kind: TransientError, code: 'UPLOAD_BUSY', retryAfterMs: undefined },
      { status: 429, headers: { 'retry-after': '2' }, kind: TransientError, code: 'UPLOAD_BUSY', retryAfterMs: 2000 },
      { status: 500, headers: {}, kind: TransientError, code: 'UPLOAD_BUSY', retryAfterMs: undefined },
      {
        status: 409,
        headers: { 'x-ms-error-code': 'ContainerBeingDeleted' },
        kind: TransientError,
        code: 'UPLOAD_CONTAINER_DELETED',
        retryAfterMs: 30_000,
      },
      { status: 403, headers: { 'x-ms-error-code': 'AccountIsDisabled' }, kind: ConfigError, code: 'UPLOAD_FORBIDDEN' },
      { status: 404, headers: {}, kind: ConfigError, code: 'UPLOAD_ENDPOINT_WRONG' },
      { status: 400, headers: { 'x-ms-error-code': 'InvalidMetadata' }, kind: RejectedError, code: 'UPLOAD_REFUSED' },
      {
        status: 413,
        headers: { 'x-ms-error-code': 'RequestBodyTooLarge' },
        kind: RejectedError,
        code: 'UPLOAD_REFUSED',
      },
      { status: 200, headers: { 'content-type': 'text/html' }, kind: TransientError, code: 'UPLOAD_ANSWER_UNREADABLE' },
    ] as const;
    for (const { status, headers, kind, code, ...more } of cases) {
      it(`takes ${status} ${Object.values(headers).join(' ')} for ${kind.name} ${code}`, async () => {
        answer = (_request, response) => response.writeHead(status, headers).end('<html>no XML</p>');
        const { port } = server.address() as AddressInfo;
        const error = await failure(open({}, port).deliver(makeEvidence(), { attempt: 1, signal }));
        assert.equal(error.code, code);
        assert.ok(error instanceof kind);
        if ('retryAfterMs' in more) assert.equal((error as TransientError).retryAfterMs, more.retryAfterMs);
      });
    }
  });
});
