import { RestError } from '@azure/storage-blob';
import { ConfigError, EdgeveilError, type ErrorDetails, RejectedError, TransientError } from '@edgeveil/contracts';

/** Deleting a container takes the service at least 30 s, during which its name cannot be used. */
const CONTAINER_DELETION_MS = 30_000;
/** No answer may keep the spool waiting longer than this. */
const MAX_RETRY_AFTER_MS = 3_600_000;
/** Bad certificates do not heal by themselves: a proxy that opens TLS, a wrong clock, a wrong endpoint. */
const TLS_FAILURE = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL/;

/**
 * Says what to do about a failed call of the storage service: ConfigError (an operator must act), TransientError (try again),
 * RejectedError (this blob is refused). What it returns holds no header, no address and no secret of the request.
 * Status and error codes: https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
 */
export function classifyStorageFailure(error: unknown): EdgeveilError {
  if (error instanceof EdgeveilError) return error;
  if (error instanceof RestError && error.statusCode !== undefined) return classifyAnswer(error, error.statusCode);
  const code = errorCode(error);
  if (code !== undefined && TLS_FAILURE.test(code)) {
    return new ConfigError('UPLOAD_TLS_FAILED', `no trusted connection to the storage account: ${code}`, about(error));
  }
  if (code === 'PARSE_ERROR') {
    return new TransientError(
      'UPLOAD_ANSWER_UNREADABLE',
      'the storage account gave an unreadable answer',
      about(error),
    );
  }
  if (code !== undefined) {
    return new TransientError('UPLOAD_NETWORK', `no connection to the storage account: ${code}`, about(error));
  }
  return new RejectedError('UPLOAD_FAILED', `the upload failed in an unforeseen way: ${describe(error)}`, about(error));
}

function classifyAnswer(error: RestError, status: number): EdgeveilError {
  const serviceCode = serviceCodeOf(error);
  const what = `${status} ${serviceCode ?? 'without a code'}`;
  const options = about(error);
  if (status === 401 || status === 403 || serviceCode === 'InvalidAuthenticationInfo') {
    return new ConfigError('UPLOAD_FORBIDDEN', `the storage account refuses the credentials: ${what}`, options);
  }
  if (status === 404) {
    return serviceCode === 'ContainerNotFound'
      ? new ConfigError('UPLOAD_CONTAINER_MISSING', 'the container does not exist', options)
      : new ConfigError('UPLOAD_ENDPOINT_WRONG', `nothing takes blobs at the endpoint: ${what}`, options);
  }
  if (serviceCode === 'ContainerBeingDeleted') {
    return new TransientError('UPLOAD_CONTAINER_DELETED', 'the container is being deleted', {
      ...options,
      retryAfterMs: CONTAINER_DELETION_MS,
    });
  }
  if (serviceCode === 'Md5Mismatch') {
    return new TransientError('UPLOAD_CORRUPTED', 'the bytes did not arrive as they were sent', options);
  }
  if (status === 408 || status === 429 || status >= 500) {
    return new TransientError('UPLOAD_BUSY', `the storage account cannot take it now: ${what}`, {
      ...options,
      retryAfterMs: retryAfterMs(error),
    });
  }
  // Success and redirection where the service would not give them: a captive portal, a proxy's own page
  if (status < 400) {
    return new TransientError('UPLOAD_ANSWER_UNREADABLE', `not an answer of a storage account: ${what}`, options);
  }
  return new RejectedError('UPLOAD_REFUSED', `the storage account refuses the blob: ${what}`, options);
}

/** Seconds or an HTTP date. */
function retryAfterMs(error: RestError): number | undefined {
  const header = error.response?.headers.get('retry-after');
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS) : undefined;
}

function serviceCodeOf(error: RestError): string | undefined {
  return error.response?.headers.get('x-ms-error-code') ?? error.code;
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${withoutQuery(error.message)}` : typeof error;
}

/** A RestError carries the whole request, signature included, so it must not become a cause that a log may print. */
function about(error: unknown): ErrorDetails {
  if (!(error instanceof RestError)) return { details: { error: describe(error) } };
  return {
    details: {
      error: withoutQuery(error.message.split('\n', 1)[0] ?? ''),
      status: error.statusCode,
      serviceCode: serviceCodeOf(error),
      requestId: error.response?.headers.get('x-ms-request-id'),
    },
  };
}

/** Shared access signatures travel in the query. */
function withoutQuery(text: string): string {
  return text.replace(/\?\S+/g, '?…');
}
