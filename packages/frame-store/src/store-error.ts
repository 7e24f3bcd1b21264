import { ConfigError, EdgeveilError, InternalError, RejectedError, TransientError } from '@edgeveil/contracts';

/** Full disk, or the user's or volume's quota. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const FORBIDDEN = new Set(['EACCES', 'EPERM', 'EROFS']);
/** What a disk or share does that may be back in a moment. */
const PASSING = new Set(['EIO', 'EMFILE', 'ENFILE', 'ENOMEM', 'EBUSY', 'EAGAIN', 'ETIMEDOUT', 'ESTALE', 'ENOENT']);

/** The system's code for what went wrong (`ENOSPC`), `undefined` for anything else. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Says by its kind what the caller of a store does next about an error of the file system. */
export function storeError(cause: unknown, path: string): EdgeveilError {
  if (cause instanceof EdgeveilError) {
    return cause;
  }
  const errno = errnoOf(cause);
  const options = { cause, details: { path, errno } };
  if (errno !== undefined && FULL.has(errno)) {
    return new TransientError('STORE_DISK_FULL', `no space left for ${path}`, { ...options, retryAfterMs: 5000 });
  }
  if (errno !== undefined && FORBIDDEN.has(errno)) {
    return new ConfigError('STORE_NOT_ACCESSIBLE', `${path} may not be read or written`, options);
  }
  if (errno !== undefined && PASSING.has(errno)) {
    return new TransientError('STORE_IO', `${path} cannot be read or written at the moment`, options);
  }
  if (errno === 'EISDIR') {
    return new RejectedError('STORE_ITEM_CORRUPT', 'a directory has the name of an item', options);
  }
  return new InternalError('STORE_FAILED', `unexpected failure of the store at ${path}`, options);
}

/** Runs `action`; gives `undefined` when the file is not there. Other errors as they are. */
export async function orAbsent<T>(action: Promise<T>): Promise<T | undefined> {
  try {
    return await action;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}
