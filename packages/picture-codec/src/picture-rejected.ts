import { RejectedError } from '@edgeveil/contracts';
import { isCutOff } from './is-cut-off.ts';
import { sniffFormat } from './sniff-format.ts';

/** Says in the suite's words why libvips refused a picture. Its own message goes to `details`. */
export function pictureRejected(bytes: Buffer, cause: unknown): RejectedError {
  const reason = (cause instanceof Error ? cause.message : String(cause)).slice(0, 300);
  const details = { reason };
  const format = sniffFormat(bytes);
  if (/premature end of JPEG/i.test(reason) || (format !== undefined && isCutOff(bytes, format))) {
    return new RejectedError('PICTURE_TRUNCATED', 'the picture ends before all of its pixels', { cause, details });
  }
  if (/pixel limit|(?<!sampling factors )too large/i.test(reason)) {
    return new RejectedError('PICTURE_TOO_LARGE', 'the picture has more pixels than may be decoded', {
      cause,
      details,
    });
  }
  return new RejectedError('PICTURE_CORRUPT', 'the picture is damaged', { cause, details });
}
