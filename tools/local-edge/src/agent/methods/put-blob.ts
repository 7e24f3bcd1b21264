import { setTimeout as delay } from 'node:timers/promises';
import { RejectedError, TransientError } from '@edgeveil/contracts';

export interface BlobUpload {
  /** URL of a container with a SAS that may write. */
  readonly sasUrl: string;
  readonly name: string;
  readonly content: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  readonly contentEncoding?: string;
}

const delaysMs = [1000, 3000];

/**
 * Writes a block blob in one request. What fails for the moment is tried twice again. No message shows the SAS.
 * @throws RejectedError EDGE_UPLOAD_REFUSED, TransientError EDGE_UPLOAD_FAILED
 */
export async function putBlob(upload: BlobUpload, signal: AbortSignal): Promise<void> {
  for (const delayMs of [...delaysMs, undefined]) {
    try {
      await put(upload, signal);
      return;
    } catch (error) {
      if (!(error instanceof TransientError) || delayMs === undefined) throw error;
      await delay(delayMs, undefined, { signal });
    }
  }
}

async function put({ sasUrl, name, content, contentType, contentEncoding }: BlobUpload, signal: AbortSignal) {
  const url = blobUrl(sasUrl, name);
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'PUT',
      headers: {
        'x-ms-blob-type': 'BlockBlob',
        'x-ms-version': '2021-12-02',
        'x-ms-blob-content-type': contentType,
        'content-type': contentType,
        ...(contentEncoding === undefined ? {} : { 'x-ms-blob-content-encoding': contentEncoding }),
      },
      body: content,
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TransientError('EDGE_UPLOAD_FAILED', `${url.host} cannot be reached: ${reason}`);
  }
  await response.body?.cancel();
  if (response.ok) return;
  const message = `${url.host} answered ${response.status} (${response.headers.get('x-ms-error-code') ?? response.statusText}) to blob ${name}`;
  const isTransient = response.status >= 500 || response.status === 408 || response.status === 429;
  throw isTransient
    ? new TransientError('EDGE_UPLOAD_FAILED', message)
    : new RejectedError('EDGE_UPLOAD_REFUSED', message);
}

function blobUrl(sasUrl: string, name: string): URL {
  let url: URL;
  try {
    url = new URL(sasUrl);
  } catch {
    throw new RejectedError('EDGE_UPLOAD_REFUSED', 'the SAS URL is no URL');
  }
  const path = name.split('/').map(encodeURIComponent).join('/');
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path}`;
  return url;
}
