import { type Detection, type Mask, type Policy, RejectedError } from '@edgeveil/contracts';

export interface CoverageOptions {
  readonly detections: readonly Detection[];
  readonly policy: Policy;
  readonly masks: readonly Mask[];
  readonly width: number;
  readonly height: number;
}

/**
 * Last look before a picture may leave: the part of every box that the policy hides which lies in the picture must be
 * inside one mask of its label. On purpose it shares no code with the planning of the masks.
 *
 * @throws RejectedError REDACTION_INCOMPLETE
 */
export function verifyCoverage({ detections, policy, masks, width, height }: CoverageOptions): void {
  for (const { label, box } of detections) {
    if (!policy.labels.includes(label)) continue;
    const left = Math.max(0, box[0]);
    const top = Math.max(0, box[1]);
    const right = Math.min(width, box[0] + box[2]);
    const bottom = Math.min(height, box[1] + box[3]);
    // Written so that NaN counts as not covered.
    if (right <= left || bottom <= top) continue;
    const isCovered = masks.some(
      (mask) =>
        mask.label === label &&
        mask.box[0] <= left &&
        mask.box[1] <= top &&
        mask.box[0] + mask.box[2] >= right &&
        mask.box[1] + mask.box[3] >= bottom,
    );
    if (!isCovered)
      throw new RejectedError('REDACTION_INCOMPLETE', `no mask covers the ${label} at [${box.join(', ')}]`, {
        details: { label, box },
      });
  }
}
