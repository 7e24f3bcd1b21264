import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, RejectedError } from '@edgeveil/contracts';
import { IncomingModels } from './incoming-models.ts';
import { ModelUploads } from './model-upload.ts';

describe('ModelUploads', () => {
  const model = randomBytes(250_000);
  const sha256 = createHash('sha256').update(model).digest('hex');
  let dir: string;
  let uploads: ModelUploads;
  const open = async (): Promise<void> => {
    uploads = new ModelUploads(await IncomingModels.open(dir), () => 1_000_000);
  };
  const rejected = (code: string) => (error: unknown) => error instanceof RejectedError && error.code === code;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-upload-'));
    await open();
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('puts parts together, each of which fits a direct method', async () => {
    const { maxPartBytes } = await uploads.begin({ sha256, bytes: model.length });
    let offset = 0;
    while (offset < model.length) {
      const part = model.subarray(offset, offset + maxPartBytes);
      assert.ok(JSON.stringify({ sha256, offset, data: part.toString('base64') }).length < 128 * 1024);
      offset = (await uploads.part(sha256, offset, part)).received;
    }
    const { modelFile } = await uploads.commit(sha256);
    assert.deepEqual(await readFile(modelFile), model);
  });

  it('takes a part once that is sent twice, and goes on after a restart', async () => {
    await uploads.begin({ sha256, bytes: model.length });
    await uploads.part(sha256, 0, model.subarray(0, 80_000));
    await uploads.part(sha256, 0, model.subarray(0, 80_000));
    await open();
    await assert.rejects(uploads.part(sha256, 80_000, model.subarray(80_000)), rejected('MODEL_UPLOAD_UNKNOWN'));
    const { received } = await uploads.begin({ sha256, bytes: model.length });
    assert.equal(received, 80_000);
    await uploads.part(sha256, received, model.subarray(received));
    assert.deepEqual(await readFile((await uploads.commit(sha256)).modelFile), model);
  });

  it('refuses parts that leave a gap, or that are too much', async () => {
    await uploads.begin({ sha256, bytes: model.length });
    await assert.rejects(uploads.part(sha256, 10, model.subarray(10)), rejected('MODEL_PART_MISPLACED'));
    await assert.rejects(uploads.part(sha256, 0, Buffer.alloc(300_000)), rejected('MODEL_PART_MISPLACED'));
    await assert.rejects(uploads.commit(sha256), rejected('MODEL_UPLOAD_INCOMPLETE'));
  });

  it('refuses a model that is not the one that was announced, and one that is too large', async () => {
    await uploads.begin({ sha256, bytes: 5 });
    await uploads.part(sha256, 0, Buffer.from('wrong'));
    await assert.rejects(
      uploads.commit(sha256),
      (error) => error instanceof ConfigError && error.code === 'MODEL_SHA256_MISMATCH',
    );
    await assert.rejects(uploads.begin({ sha256, bytes: 1_000_001 }), rejected('MODEL_FILE_TOO_LARGE'));
  });
});
