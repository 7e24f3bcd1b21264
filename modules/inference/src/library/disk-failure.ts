import { EdgeveilError, TransientError } from '@edgeveil/contracts';

/** What a disk that is full or fails means for a model: TransientError MODEL_DISK_FULL or MODEL_STORE_FAILED. Anything else as it is. */
export function diskFailure(what: string, cause: unknown): unknown {
  if (cause instanceof EdgeveilError || !(cause instanceof Error) || !('code' in cause)) {
    return cause;
  }
  const details = { expected: 'room on the disk, and leave to write', found: String(cause.code) };
  return cause.code === 'ENOSPC' || cause.code === 'EDQUOT'
    ? new TransientError('MODEL_DISK_FULL', `no room for ${what}`, { cause, details })
    : new TransientError('MODEL_STORE_FAILED', `${what} cannot be stored: ${String(cause.code)}`, { cause, details });
}
