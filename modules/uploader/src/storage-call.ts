import { type EdgeveilError, TransientError } from '@edgeveil/contracts';
import { classifyStorageFailure } from './storage-failure.ts';

export interface StorageCallOptions {
  /** Aborted when nobody wants the answer any more; its reason is thrown. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** Slowest line that is still waited for. */
const LEAST_BYTES_PER_MS = 4;

/** How long a call that carries so many bytes may take. A dead connection gives no error for many minutes, so something must give up. */
export function callTimeoutMs(bytes: number, baseMs: number): number {
  return baseMs + Math.ceil(bytes / LEAST_BYTES_PER_MS);
}

/**
 * One call of the storage service, with an end: it fails as `classifyStorageFailure` says, after `timeoutMs` as a TransientError
 * `UPLOAD_TIMEOUT`, and with the signal's reason when that is aborted.
 */
export async function storageCall<Result>(
  { signal, timeoutMs }: StorageCallOptions,
  call: (abortSignal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    return await call(AbortSignal.any([signal, deadline]));
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.aborted) throw tooSlow(timeoutMs);
    throw classifyStorageFailure(error);
  }
}

function tooSlow(timeoutMs: number): EdgeveilError {
  return new TransientError('UPLOAD_TIMEOUT', 'the storage account did not answer in time', { details: { timeoutMs } });
}
