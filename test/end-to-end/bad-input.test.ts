import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { generateScene } from '@edgeveil/demo';
import { encodePng } from '@edgeveil/picture-codec';
import { dropPicture } from './drop-picture.ts';
import { leftovers } from './leftovers.ts';
import { startTestSuite, type TestSuite } from './test-suite.ts';

/** A PNG that says it has 40 000 x 40 000 pixels: the header of a small one with other numbers, and their checksum. */
async function bomb(): Promise<Buffer> {
  const png = await encodePng({ data: Buffer.alloc(12), width: 2, height: 2, channels: 3 });
  png.writeUInt32BE(40_000, 16);
  png.writeUInt32BE(40_000, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}

describe('the suite on bad input', function () {
  this.timeout(5 * 60_000);

  let dir: string;
  let folder: string;
  let suite: TestSuite;
  let uploads = 0;

  /** Sends a good scene through and thereby shows that the suite still works. */
  async function assertWorks(): Promise<void> {
    uploads += 1;
    const { jpeg } = await generateScene({ kind: 'gate', seed: 500 + uploads });
    await dropPicture(folder, `good-${uploads}.jpg`, jpeg);
    await suite.waitForUploads(uploads);
  }

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeveil-bad-'));
    suite = await startTestSuite({ dir, twins: { uploader: { retry: { firstDelayMs: 100, maxDelayMs: 500 } } } });
    folder = join(suite.sourcesDir, 'dropped');
  });

  after(async () => {
    await suite?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  it('quarantines each bad picture with its reason and processes the next', async () => {
    const { jpeg } = await generateScene({ kind: 'gate', seed: 500 });
    await dropPicture(folder, 'truncated.jpg', jpeg.subarray(0, jpeg.length / 2));
    await dropPicture(folder, 'text.jpg', Buffer.from('this is no picture'));
    await dropPicture(folder, 'mislabelled.png', Buffer.from('GIF89a\x01\x00\x01\x00\x00\x00\x00;'));
    await dropPicture(folder, 'empty.jpg', Buffer.alloc(0));
    await dropPicture(folder, 'bomb.png', await bomb());
    await assertWorks();
    const expected = 5;
    await suite.waitFor(async () => (await leftovers(suite, 0)).length === expected);
    for (const line of await leftovers(suite, 0)) assert.match(line, /^frames quarantine: \S+ PICTURE_[A-Z_]+$/);
  });

  it('keeps the last good twin when a wrong one comes, and says what is wrong', async () => {
    suite.patchTwin('redact', { policy: { method: 'erase' } });
    await suite.waitFor(() => (suite.reported('redact').twin as { status?: string } | undefined)?.status === 'refused');
    assert.match(JSON.stringify(suite.reported('redact').twin), /policy\.method/);
    await assertWorks();
    suite.patchTwin('redact', { policy: { method: 'solid' } });
    await suite.waitFor(() => (suite.reported('redact').twin as { status?: string } | undefined)?.status === 'applied');
  });

  it('goes on with the model in use while another cannot be loaded, and says why', async () => {
    const refusedCode = (): string | undefined =>
      (suite.reported('inference').model as { refused?: { code?: string } } | undefined)?.refused?.code;
    suite.patchTwin('inference', { model: { package: 'absent' } });
    await suite.waitFor(() => refusedCode() === 'MODEL_NOT_FOUND');
    await assertWorks();
    suite.patchTwin('inference', { model: { package: 'demo-scenes' } });
    await suite.waitFor(() => refusedCode() === undefined);
    await assertWorks();
  });

  it('spools while the storage account is away, and delivers when it is back', async () => {
    await suite.storage.stop();
    const { jpeg } = await generateScene({ kind: 'loading-dock', seed: 502 });
    await dropPicture(folder, 'offline.jpg', jpeg);
    await suite.waitFor(async () => (await leftovers(suite, 0)).some((line) => line.startsWith('spool: ')));
    await suite.storage.start();
    uploads += 1;
    await suite.waitForUploads(uploads);
  });
});
