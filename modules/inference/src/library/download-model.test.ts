import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { EdgeveilError } from '@edgeveil/contracts';
import { ModelServer } from '../testing/model-server.ts';
import { downloadModel } from './download-model.ts';
import { IncomingModels } from './incoming-models.ts';

const SAS = '?sv=2024-11-04&sig=VerySecretSignature';

describe('downloadModel', () => {
  const model = randomBytes(300_000);
  const sha256 = createHash('sha256').update(model).digest('hex');
  let dir: string;
  let server: ModelServer;
  let incoming: IncomingModels;

  const download = (overrides: { readonly sha256?: string; readonly maxBytes?: number; readonly url?: string } = {}) =>
    downloadModel({
      url: server.url(`/models/yard.onnx${SAS}`),
      sha256,
      maxBytes: 1_000_000,
      incoming,
      signal: AbortSignal.timeout(10_000),
      ...overrides,
    });
  const refused = (code: string) => (error: unknown) => {
    assert.ok(error instanceof EdgeveilError, String(error));
    assert.equal(error.code, code);
    assert.doesNotMatch(inspect(error, { depth: 9 }), /VerySecretSignature/);
    return true;
  };

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-download-'));
    incoming = await IncomingModels.open(dir);
    server = await ModelServer.open();
    server.blobs.set('/models/yard.onnx', model);
  });
  afterEach(async () => {
    await server.close();
    await rm(dir, { recursive: true });
  });

  it('fetches a blob with its SAS and checks its hash', async () => {
    assert.deepEqual(await readFile(await download()), model);
    assert.deepEqual(
      server.requests.map(({ url }) => url),
      [`/models/yard.onnx${SAS}`],
    );
  });

  it('goes on where the connection broke, also after a restart', async () => {
    server.breaks.push(100_000);
    await assert.rejects(download(), refused('MODEL_DOWNLOAD_FAILED'));
    incoming = await IncomingModels.open(dir);
    const received = await incoming.received(sha256);
    assert.ok(received > 0 && received <= 100_000);
    assert.deepEqual(await readFile(await download()), model);
    assert.equal(server.requests[1]?.range, `bytes=${received}-`);
  });

  it('takes what is here whole already', async () => {
    await incoming.append(sha256, model);
    assert.deepEqual(await readFile(await download()), model);
  });

  it('refuses other bytes, and begins anew the next time', async () => {
    const other = '0'.repeat(64);
    await assert.rejects(download({ sha256: other }), refused('MODEL_SHA256_MISMATCH'));
    assert.equal(await incoming.received(other), 0);
  });

  it('refuses a blob that is too large, before it is fetched', async () => {
    await assert.rejects(download({ maxBytes: 299_999 }), refused('MODEL_FILE_TOO_LARGE'));
    assert.equal(await incoming.received(sha256), 0);
  });

  it('tells a SAS that is refused from a server that is busy', async () => {
    server.statuses.push(403, 503);
    await assert.rejects(download(), refused('MODEL_URL_REFUSED'));
    await assert.rejects(download(), refused('MODEL_DOWNLOAD_FAILED'));
    assert.deepEqual(await readFile(await download()), model);
  });

  it('keeps the SAS out of what it says when nobody answers', async () => {
    await assert.rejects(download({ url: `http://127.0.0.1:9/x.onnx${SAS}` }), refused('MODEL_DOWNLOAD_FAILED'));
  });
});
