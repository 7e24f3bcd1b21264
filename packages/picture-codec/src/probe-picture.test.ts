import assert from 'node:assert/strict';
import { crc32, deflateSync } from 'node:zlib';
import { encodeJpeg } from './encode-picture.ts';
import { probePicture } from './probe-picture.ts';
import { pipelineOf, quadrants } from './testing/test-pictures.ts';

const picture = quadrants(64, 32);

describe('probePicture', () => {
  for (const format of ['jpeg', 'png', 'webp'] as const) {
    it(`recognises ${format} by its bytes`, async () => {
      const probe = await probePicture(await pipelineOf(picture).toFormat(format).toBuffer());
      assert.equal(probe.format, format);
      assert.deepEqual([probe.width, probe.height, probe.orientation], [64, 32, 1]);
    });
  }

  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    it(`reports the displayed size for orientation ${orientation}`, async () => {
      const bytes = await pipelineOf(picture).jpeg().withMetadata({ orientation }).toBuffer();
      const probe = await probePicture(bytes);
      assert.equal(probe.orientation, orientation);
      assert.deepEqual([probe.width, probe.height], orientation >= 5 ? [32, 64] : [64, 32]);
    });
  }

  it('reads the size that a bomb claims without decoding it', async () => {
    for (const bytes of [pngClaiming(40_000, 40_000), await jpegClaiming(40_000, 40_000), await webpClaimingMost()]) {
      const probe = await probePicture(bytes);
      assert.ok(probe.width * probe.height > 250_000_000, `${probe.format} ${probe.width}x${probe.height}`);
    }
  });

  it('refuses an empty file', async () => {
    await assert.rejects(probePicture(Buffer.alloc(0)), { name: 'RejectedError', code: 'PICTURE_EMPTY' });
  });

  it('refuses other formats, whatever their name says', async () => {
    const gif = Buffer.from('R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=', 'base64');
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>');
    for (const bytes of [gif, svg, Buffer.from('hello'), Buffer.alloc(100), Buffer.from([0xff, 0xd8])]) {
      await assert.rejects(probePicture(bytes), { name: 'RejectedError', code: 'PICTURE_FORMAT_UNSUPPORTED' });
    }
  });

  it('refuses a header that is cut off', async () => {
    const jpeg = await encodeJpeg(picture, { quality: 80 });
    const png = await pipelineOf(picture).png().toBuffer();
    const webp = await pipelineOf(picture).webp().toBuffer();
    for (const bytes of [jpeg.subarray(0, 30), png.subarray(0, 20), webp.subarray(0, 16)]) {
      await assert.rejects(probePicture(bytes), { name: 'RejectedError', code: 'PICTURE_TRUNCATED' });
    }
  });

  it('refuses a header that is nonsense', async () => {
    const jpeg = Buffer.from(await encodeJpeg(picture, { quality: 80 }));
    jpeg.fill(0xee, 4, 500);
    for (const bytes of [pngClaiming(0, 5), jpeg]) {
      await assert.rejects(probePicture(bytes), { name: 'RejectedError', code: 'PICTURE_UNREADABLE' });
    }
  });
});

function pngClaiming(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const chunks = [
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.alloc(1000))),
    pngChunk('IEND', Buffer.alloc(0)),
  ];
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), ...chunks]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  chunk.set(body, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

async function jpegClaiming(width: number, height: number): Promise<Buffer> {
  const bytes = Buffer.from(await encodeJpeg(picture, { quality: 80 }));
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
  bytes.writeUInt16BE(height, frame + 5);
  bytes.writeUInt16BE(width, frame + 7);
  return bytes;
}

/** 16383 x 16383 is the most that WebP can say. */
async function webpClaimingMost(): Promise<Buffer> {
  const bytes = Buffer.from(await pipelineOf(picture).webp().toBuffer());
  const start = bytes.indexOf(Buffer.from([0x9d, 0x01, 0x2a]));
  bytes.writeUInt16LE(16_383, start + 3);
  bytes.writeUInt16LE(16_383, start + 5);
  return bytes;
}
