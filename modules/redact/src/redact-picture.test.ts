import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  type Box,
  type Detection,
  type Policy,
  receiptSchema,
  redactionMethodSchema,
  type StageResult,
} from '@edgeveil/contracts';
import { decodePicture, encodeJpeg, encodePng } from '@edgeveil/picture-codec';
import { hashPolicy } from './policy-hash.ts';
import { type RedactedPicture, redactPicture } from './redact-picture.ts';
import { markersOf, SECRETS, withMetadata } from './test-metadata.ts';
import {
  face,
  frameOf,
  isInside,
  landscape,
  MODEL,
  meanDifference,
  paint,
  policyOf,
  type Scene,
} from './test-scenes.ts';

interface Subject {
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
}

function redact(
  { bytes, width, height }: Subject,
  detections: readonly Detection[],
  overrides: { readonly policy?: Policy; readonly labels?: readonly string[]; readonly sha256?: string } = {},
): Promise<RedactedPicture> {
  const frame = frameOf(bytes, width, height);
  return redactPicture({
    bytes,
    frame: { ...frame, sha256: overrides.sha256 ?? frame.sha256 },
    model: MODEL,
    labels: overrides.labels ?? ['face', 'person'],
    detections,
    policy: overrides.policy ?? policyOf(),
    jpegQuality: 90,
    clock: () => Date.UTC(2026, 0, 31, 10, 0, 1),
  });
}

async function jpegOf(scene: Scene): Promise<Subject> {
  return { bytes: await encodeJpeg(scene, { quality: 95 }), width: scene.width, height: scene.height };
}

const everyBox: Box[] = [
  [40, 30, 60, 80],
  [200, 90, 90, 30],
  [300, 220, 40, 40],
];

describe('redactPicture', () => {
  for (const method of redactionMethodSchema.options)
    it(`${method} destroys what is inside the masks and keeps the rest within JPEG error`, async () => {
      const busy = landscape(333, 251);
      for (const [left, top, width, height] of everyBox)
        for (let y = top; y < Math.min(busy.height, top + height); y++)
          for (let x = left; x < Math.min(busy.width, left + width); x++)
            busy.data.fill((x >> 1) % 2 === (y >> 1) % 2 ? 10 : 245, (y * 333 + x) * 3, (y * 333 + x) * 3 + 3);
      const subject = await jpegOf(busy);
      const original = await decodePicture(subject.bytes);
      const { picture, receipt } = await redact(
        subject,
        everyBox.map((box) => face(box)),
        {
          policy: policyOf({ method }),
        },
      );
      const result = await decodePicture(picture);
      const masks = receipt.masked.map((mask) => mask.box);
      assert.equal(masks.length, 3);
      for (const box of everyBox) assert.ok(meanDifference(original, result, (x, y) => isInside(x, y, [box])) > 60);
      assert.ok(meanDifference(original, result, (x, y) => !isInside(x, y, masks)) < 2.5);
      // The same as without any mask, but for the two pixels over which decoders smooth the colours.
      const without = await decodePicture((await redact(subject, [])).picture);
      assert.equal(
        meanDifference(without, result, (x, y) => !isInside(x, y, masks, 2)),
        0,
      );
    });

  it('writes a receipt that fits its schema and the picture', async () => {
    const subject = await jpegOf(landscape(160, 120));
    const policy = policyOf({ name: 'faces only' });
    const detections = [face([40, 40, 30, 30]), face([100, 20, 20, 50], 'person')];
    const { picture, receipt } = await redact(subject, detections, { policy });
    assert.deepEqual(receiptSchema.parse(JSON.parse(JSON.stringify(receipt))), receipt);
    assert.deepEqual(receipt.found, detections);
    assert.deepEqual(receipt.masked, [{ label: 'face', box: [32, 32, 48, 48] }]);
    assert.deepEqual(receipt.policy, {
      name: 'faces only',
      sha256: hashPolicy(policy),
      method: 'pixelate',
      labels: ['face'],
    });
    assert.deepEqual(receipt.picture, {
      format: 'jpeg',
      width: 160,
      height: 120,
      bytes: picture.length,
      sha256: createHash('sha256').update(picture).digest('hex'),
      md5: createHash('md5').update(picture).digest('base64'),
    });
    assert.equal(receipt.redactedAt, '2026-01-31T10:00:01.000Z');
  });

  it('keeps the name of the file on the site', async () => {
    const { bytes, width, height } = await jpegOf(landscape(32, 32));
    const frame = { ...frameOf(bytes, width, height), name: 'anna-at-the-gate.jpg' };
    const { receipt } = await redactPicture({
      bytes,
      frame,
      model: MODEL,
      labels: ['face'],
      detections: [],
      policy: policyOf(),
      jpegQuality: 80,
    });
    assert.ok(!JSON.stringify(receipt).includes('anna'));
  });

  it('keeps what a cascade says of a person on the site, and names the models that looked', async () => {
    const { bytes, width, height } = await jpegOf(landscape(64, 64));
    const options = {
      bytes,
      frame: frameOf(bytes, width, height),
      model: MODEL,
      labels: ['face', 'person'],
      detections: [
        {
          ...face([16, 16, 16, 16]),
          attributes: [{ stage: 'badge', label: 'anna', score: 1 }],
          embeddings: [{ stage: 'same', values: 'c2VjcmV0' }],
        },
      ],
      policy: policyOf(),
      jpegQuality: 80,
    };
    const stages: readonly StageResult[] = [
      { name: 'faces', yields: 'detections', model: MODEL, isDone: true },
      { name: 'badge', yields: 'text', model: MODEL, isDone: true },
      { name: 'same', yields: 'embedding', isDone: false },
    ];
    const { receipt } = await redactPicture({ ...options, stages });
    assert.doesNotMatch(JSON.stringify(receipt), /anna|c2VjcmV0|badge|same/);
    assert.deepEqual(receipt.stages, [{ name: 'faces', model: MODEL }]);
    assert.equal(receiptSchema.parse(receipt).schemaVersion, '1.1');
    const missed: readonly StageResult[] = [{ name: 'faces', yields: 'detections', isDone: false }];
    await assert.rejects(redactPicture({ ...options, stages: missed }), { code: 'CASCADE_INCOMPLETE' });
  });

  it('lets no metadata through', async () => {
    const scene = landscape(160, 120);
    const bytes = withMetadata(await encodeJpeg(scene, { quality: 95 }));
    for (const secret of SECRETS) assert.ok(bytes.includes(secret), secret);
    const { picture } = await redact({ bytes, width: 160, height: 120 }, []);
    for (const secret of SECRETS) assert.ok(!picture.includes(secret), secret);
    const extras = markersOf(picture).filter((marker) => (marker >= 0xe1 && marker <= 0xef) || marker === 0xfe);
    assert.deepEqual(extras, []);
    assert.deepEqual([...picture.subarray(-2)], [0xff, 0xd9]);
  });

  it('masks where the picture is displayed, when EXIF turns it', async () => {
    // Stored lying (160×128) and shown upright (128×160): the white patch is at the top right as displayed.
    const stored = paint(160, 128, (x, y) => (x < 48 && y < 48 ? 240 : 60));
    const bytes = withMetadata(await encodeJpeg(stored, { quality: 95 }), 6);
    const subject = { bytes, width: 128, height: 160 };
    const { picture, receipt } = await redact(subject, [face([80, 0, 48, 48])], {
      policy: policyOf({ method: 'solid', margin: 0, minMarginPixels: 0 }),
    });
    assert.deepEqual(receipt.masked, [{ label: 'face', box: [80, 0, 48, 48] }]);
    const result = await decodePicture(picture);
    assert.deepEqual([result.width, result.height], [128, 160]);
    const expected = paint(128, 160, (x, y) => (isInside(x, y, [[80, 0, 48, 48]]) ? 0 : 60));
    assert.ok(meanDifference(result, expected, () => true) < 2);
  });

  it('takes PNG in and gives JPEG out', async () => {
    const scene = landscape(90, 70);
    const bytes = await encodePng(scene);
    const { picture } = await redact({ bytes, width: 90, height: 70 }, [face([10, 10, 30, 30])]);
    assert.deepEqual([...picture.subarray(0, 2)], [0xff, 0xd8]);
  });

  it('redacts a picture of one pixel', async () => {
    const bytes = await encodePng(paint(1, 1, () => 200));
    const policy = policyOf({ method: 'solid' });
    const { picture, receipt } = await redact({ bytes, width: 1, height: 1 }, [face([0, 0, 1, 1])], { policy });
    assert.deepEqual(receipt.masked, [{ label: 'face', box: [0, 0, 1, 1] }]);
    const { data } = await decodePicture(picture);
    assert.ok((data[0] ?? 255) < 8);
  });

  it('gives the same bytes each time, also when other pictures are redacted in between and at once', async () => {
    const subject = await jpegOf(landscape(200, 150));
    const other = await jpegOf(paint(220, 170, (x) => x));
    const [first] = await Promise.all([redact(subject, [face([9, 9, 50, 50])]), redact(other, []), redact(other, [])]);
    const again = await redact(subject, [face([9, 9, 50, 50])]);
    assert.deepEqual(again, first);
  });

  it('does not change the bytes it is given', async () => {
    const subject = await jpegOf(landscape(64, 64));
    const before = Buffer.from(subject.bytes);
    await redact(subject, [face([0, 0, 64, 64])]);
    assert.ok(before.equals(subject.bytes));
  });

  it('passes on a picture without anything to hide, written anew', async () => {
    const subject = await jpegOf(landscape(64, 48));
    const { picture, receipt } = await redact(subject, []);
    assert.deepEqual([receipt.found, receipt.masked], [[], []]);
    assert.ok(!picture.equals(subject.bytes));
  });

  it('hides the head of a person without a face, where the policy asks for it', async () => {
    const subject = await jpegOf(landscape(320, 320));
    const person: Detection = { label: 'person', score: 0.5, box: [100, 50, 60, 200] };
    const policy = policyOf({ hideHeads: true });
    const { receipt } = await redact(subject, [person], { policy });
    assert.deepEqual(
      receipt.masked.map(({ label }) => label),
      ['head'],
    );
    const masks = receipt.masked.map(({ box }) => box);
    assert.ok(isInside(100, 50, masks) && isInside(159, 109, masks) && !isInside(130, 200, masks));
    assert.deepEqual(receipt.policy.labels, ['face']);
    assert.deepEqual((await redact(subject, [person])).receipt.masked, []);
  });

  it('refuses a model that knows no persons for a policy that hides heads', async () => {
    const policy = policyOf({ hideHeads: true });
    await assert.rejects(redact(await jpegOf(landscape(64, 48)), [], { policy, labels: ['face'] }), {
      code: 'REDACT_LABELS_MISSING',
      details: { missing: ['person'], labels: ['face'] },
    });
  });

  it('refuses a model that cannot find what the policy hides, also when it found something', async () => {
    const subject = await jpegOf(landscape(64, 48));
    const policy = policyOf({ labels: ['face', 'plate'] });
    await assert.rejects(redact(subject, [face([0, 0, 9, 9])], { policy, labels: ['face', 'Plate'] }), {
      name: 'ConfigError',
      code: 'REDACT_LABELS_MISSING',
      details: { missing: ['plate'], labels: ['face', 'Plate'] },
    });
  });

  it('refuses bytes that are not those of the frame', async () => {
    const subject = await jpegOf(landscape(64, 48));
    await assert.rejects(redact(subject, [], { sha256: 'b'.repeat(64) }), {
      name: 'RejectedError',
      code: 'FRAME_HASH_MISMATCH',
    });
  });

  it('refuses a picture whose size is not that of the frame, before it decodes', async () => {
    const { bytes } = await jpegOf(landscape(64, 48));
    for (const [width, height] of [
      [48, 64],
      [64, 49],
      [640, 480],
    ] as const)
      await assert.rejects(redact({ bytes, width, height }, []), { code: 'FRAME_SIZE_MISMATCH' });
    // A bomb: the header promises 60 000 × 60 000 pixels, of which there are none.
    const bomb = Buffer.from(bytes);
    const size = bomb.indexOf(Buffer.from([0xff, 0xc0])) + 5;
    bomb.writeUInt16BE(60_000, size);
    bomb.writeUInt16BE(60_000, size + 2);
    await assert.rejects(redact({ bytes: bomb, width: 64, height: 48 }, []), { code: 'FRAME_SIZE_MISMATCH' });
    await assert.rejects(redact({ bytes: bomb, width: 60_000, height: 60_000 }, []), { code: 'PICTURE_TOO_LARGE' });
  });

  it('refuses a damaged picture rather than pass what is left of it', async () => {
    const { bytes, width, height } = await jpegOf(landscape(640, 480));
    await assert.rejects(redact({ bytes: bytes.subarray(0, bytes.length / 2), width, height }, []), {
      name: 'RejectedError',
    });
    await assert.rejects(redact({ bytes: Buffer.from('GIF89a, no picture at all'), width, height }, []), {
      name: 'RejectedError',
    });
    await assert.rejects(redact({ bytes: Buffer.alloc(0), width, height }, []), { name: 'RejectedError' });
  });

  it('refuses a box that is no rectangle', async () => {
    const subject = await jpegOf(landscape(64, 48));
    await assert.rejects(redact(subject, [face([Number.NaN, 0, 5, 5])]), { code: 'DETECTION_BOX_INVALID' });
  });
});
