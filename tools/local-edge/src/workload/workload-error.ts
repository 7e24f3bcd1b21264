import { RejectedError } from '@edgeveil/contracts';

/** A refusal of the workload API, with the HTTP status that carries it. */
export function workloadError(httpStatus: 400 | 403 | 422 | 500, message: string, cause?: unknown): RejectedError {
  return new RejectedError('EDGE_WORKLOAD_REFUSED', message, { details: { httpStatus }, cause });
}
