import { type Frame, type FrameDetections, frameSchema, RejectedError } from '@edgeveil/contracts';

/**
 * The frame as its store has it. Detections made for another picture under this id must not decide what is hidden in
 * this one.
 *
 * @throws RejectedError FRAME_INVALID, FRAME_MISMATCH
 */
export function sameFrame(meta: unknown, result: FrameDetections): Frame {
  const parsed = frameSchema.safeParse(meta);
  if (!parsed.success)
    throw new RejectedError('FRAME_INVALID', 'what the frame store says about the frame does not parse', {
      details: { issues: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) },
    });
  const frame = parsed.data;
  const { id, sha256, width, height, source } = result.frame;
  const isSame =
    frame.id === id &&
    frame.sha256 === sha256 &&
    frame.width === width &&
    frame.height === height &&
    frame.source === source;
  if (!isSame)
    throw new RejectedError('FRAME_MISMATCH', 'the detections were made for another picture', {
      details: { expected: { sha256, width, height, source }, found: frame.sha256 },
    });
  return frame;
}
