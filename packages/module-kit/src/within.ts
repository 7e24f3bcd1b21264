import { TransientError } from '@edgeveil/contracts';

export interface WithinOptions {
  readonly timeoutMs: number;
  /** What is waited for, for the message: `twin read`. */
  readonly what: string;
  readonly signal?: AbortSignal;
}

/**
 * Waits for a promise that may never settle. What it stands for is not stopped: the IoT SDK has no way to.
 * @throws TransientError `TIMEOUT` after `timeoutMs`, `ABORTED` when the signal aborts.
 */
export function within<T>(promise: Promise<T>, { timeoutMs, what, signal }: WithinOptions): Promise<T> {
  return new Promise((resolve, reject) => {
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const onAbort = () => {
      finish();
      reject(new TransientError('ABORTED', `${what} was aborted`, { cause: signal?.reason }));
    };
    const timer = setTimeout(() => {
      finish();
      reject(new TransientError('TIMEOUT', `${what} took longer than ${timeoutMs} ms`, { details: { timeoutMs } }));
    }, timeoutMs);
    promise.then(
      (value) => {
        finish();
        resolve(value);
      },
      (error: unknown) => {
        finish();
        reject(error);
      },
    );
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort);
  });
}
