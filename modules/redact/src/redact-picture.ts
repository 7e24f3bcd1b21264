import { createHash } from 'node:crypto';
import {
  type CascadeDetection,
  ConfigError,
  type Frame,
  type ModelIdentity,
  type Policy,
  type Receipt,
  RejectedError,
  type StageResult,
} from '@edgeveil/contracts';
import { decodePicture, encodeJpeg, type Pixels, probePicture, ScratchBuffers } from '@edgeveil/picture-codec';
import { applyMasks } from './apply-masks.ts';
import { HEAD, headsWithoutFaces } from './heads-without-faces.ts';
import { receiptDetection, receiptStages } from './leaving-attributes.ts';
import { planMasks } from './mask-plan.ts';
import { missingLabels } from './missing-labels.ts';
import { hashPolicy } from './policy-hash.ts';
import { verifyCoverage } from './verify-coverage.ts';

/** What a receipt says of the frame; a `Frame` has it all. */
export type FrameIdentity = Pick<Frame, 'id' | 'source' | 'guarantee' | 'capturedAt' | 'width' | 'height' | 'sha256'>;

/** Parts of the work that are timed. */
export type RedactStage = 'decode' | 'mask' | 'encode';

export interface RedactPictureOptions {
  /** The picture as it was taken in: JPEG, PNG or WebP. Not changed. */
  readonly bytes: Buffer;
  readonly frame: FrameIdentity;
  readonly model: ModelIdentity;
  /** All labels that the model, and the stages of its cascade, can give. */
  readonly labels: readonly string[];
  /** Boxes in pixels of the picture as displayed. Labels that the policy does not name are left alone. */
  readonly detections: readonly CascadeDetection[];
  /** Stages of the cascade that the frame has been through. */
  readonly stages?: readonly StageResult[];
  readonly policy: Policy;
  readonly jpegQuality: number;
  /** Milliseconds since 1970, for the receipt. */
  readonly clock?: () => number;
  readonly onStage?: (stage: RedactStage, seconds: number) => void;
}

export interface RedactedPicture {
  /** JPEG with nothing in it but the pixels. Same input, same bytes. */
  readonly picture: Buffer;
  readonly receipt: Receipt;
}

/** Larger pictures get memory of their own: their size is not known to be sane before the decoder has checked it. */
const MAX_REUSED_BYTES = 64 * 1024 * 1024;
const pixelBuffers = new ScratchBuffers({
  maxIdle: 4,
  maxBytesEach: MAX_REUSED_BYTES,
  allocate: (length) => Buffer.allocUnsafeSlow(length),
});

/**
 * Makes the picture that may leave: decodes, destroys what the policy hides, encodes anew, and says what it did.
 * Whatever is not as announced makes it throw, so that there is no picture rather than one that may show too much.
 *
 * @throws ConfigError REDACT_LABELS_MISSING: the model cannot find what the policy hides
 * @throws RejectedError CASCADE_INCOMPLETE: a stage that finds things did not look at the frame
 * @throws RejectedError FRAME_HASH_MISMATCH, FRAME_SIZE_MISMATCH, DETECTION_BOX_INVALID, REDACTION_INCOMPLETE, and
 * those
 *   of `decodePicture`
 */
export async function redactPicture(options: RedactPictureOptions): Promise<RedactedPicture> {
  const { bytes, frame, policy, labels, onStage } = options;
  const missing = missingLabels(policy, labels);
  if (missing.length > 0)
    throw new ConfigError(
      'REDACT_LABELS_MISSING',
      `the model cannot find what the policy hides: ${missing.join(', ')}`,
      {
        details: { missing, labels },
      },
    );
  requireStages(options.stages ?? []);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== frame.sha256)
    throw new RejectedError('FRAME_HASH_MISMATCH', 'these are not the bytes that were taken in', {
      details: { expected: frame.sha256, found },
    });
  const probe = await probePicture(bytes);
  // Before any pixel is decoded: a size that was never checked against the limits must not meet the decoder.
  requireSize(frame, probe);
  const length = probe.width * probe.height * 3;
  const buffer = length <= MAX_REUSED_BYTES ? pixelBuffers.take(length) : undefined;
  try {
    let started = performance.now();
    const lap = (stage: RedactStage): void => {
      const now = performance.now();
      onStage?.(stage, (now - started) / 1000);
      started = now;
    };
    const pixels = await decodePicture(bytes, buffer === undefined ? {} : { buffer });
    requireSize(frame, pixels);
    lap('decode');
    const masked = maskPixels(pixels, options);
    lap('mask');
    const picture = await encodeJpeg(pixels, { quality: options.jpegQuality });
    lap('encode');
    return { picture, receipt: writeReceipt(options, masked, picture) };
  } finally {
    if (buffer !== undefined) pixelBuffers.give(buffer);
  }
}

/** Inference stores no such result; should one come all the same, nothing of the frame leaves. */
function requireStages(stages: readonly StageResult[]): void {
  const missing = stages.filter(({ yields, isDone }) => yields === 'detections' && !isDone).map(({ name }) => name);
  if (missing.length === 0) return;
  throw new RejectedError(
    'CASCADE_INCOMPLETE',
    `stages of the cascade did not look at the frame: ${missing.join(', ')}`,
    {
      details: { missing },
    },
  );
}

function requireSize(frame: FrameIdentity, size: { readonly width: number; readonly height: number }): void {
  if (size.width === frame.width && size.height === frame.height) return;
  throw new RejectedError('FRAME_SIZE_MISMATCH', 'the boxes were found in a picture of another size', {
    details: { expected: [frame.width, frame.height], found: [size.width, size.height] },
  });
}

function maskPixels(pixels: Pixels, options: RedactPictureOptions): Receipt['masked'] {
  const { width, height } = pixels;
  const { detections, policy } = withHeads(options);
  const planned = planMasks({ detections, policy, width, height });
  applyMasks(pixels, planned, policy.method);
  const masks = planned.map(({ label, box }) => ({ label, box }));
  verifyCoverage({ detections, policy, masks, width, height });
  return masks;
}

/** Heads that are to be hidden, as if the model had found them and the policy had named them. */
function withHeads({ detections, policy }: RedactPictureOptions): Pick<RedactPictureOptions, 'detections' | 'policy'> {
  if (!policy.hideHeads) return { detections, policy };
  return {
    detections: [...detections, ...headsWithoutFaces(detections)],
    policy: { ...policy, labels: [...policy.labels, HEAD] },
  };
}

function writeReceipt(options: RedactPictureOptions, masked: Receipt['masked'], picture: Buffer): Receipt {
  const { frame, model, policy, detections, clock = Date.now } = options;
  const found = detections.map((each) => receiptDetection(each, policy));
  const stages = receiptStages(options.stages ?? [], policy);
  const { id, source, guarantee, capturedAt, width, height, sha256 } = frame;
  return {
    schemaVersion: stages.length === 0 ? '1.0' : '1.1',
    // Named one by one: a frame also has the file's name, which stays on the site.
    frame: { id, source, guarantee, capturedAt, width, height, sha256 },
    model: { name: model.name, version: model.version, sha256: model.sha256 },
    ...(stages.length === 0 ? {} : { stages }),
    policy: { name: policy.name, sha256: hashPolicy(policy), method: policy.method, labels: policy.labels },
    found,
    masked,
    picture: {
      format: 'jpeg',
      width,
      height,
      bytes: picture.length,
      sha256: createHash('sha256').update(picture).digest('hex'),
      md5: createHash('md5').update(picture).digest('base64'),
    },
    redactedAt: new Date(clock()).toISOString(),
  };
}
