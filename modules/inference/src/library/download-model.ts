import { ConfigError, EdgeveilError, TransientError } from '@edgeveil/contracts';
import type { IncomingModels } from './incoming-models.ts';

/** No byte for this long: the line is given up. */
const IDLE_MS = 30_000;

export interface DownloadOptions {
  readonly url: string;
  readonly sha256: string;
  readonly maxBytes: number;
  readonly incoming: IncomingModels;
  readonly signal: AbortSignal;
  readonly idleMs?: number;
}

/**
 * Fetches a model file, going on from what an earlier try has left, and checks its hash. Answers its path; it stays there until
 * it is discarded. The URL's query, where a SAS is, is in no message.
 *
 * @throws ConfigError MODEL_URL_REFUSED, MODEL_FILE_TOO_LARGE, MODEL_SHA256_MISMATCH; TransientError MODEL_DOWNLOAD_FAILED,
 * MODEL_DISK_FULL
 */
export async function downloadModel(options: DownloadOptions): Promise<string> {
  const { url, sha256, incoming } = options;
  const where = withoutQuery(url);
  try {
    await fetchRest(options, where);
  } catch (error) {
    if (error instanceof EdgeveilError) {
      if (error.code === 'MODEL_DISK_FULL') {
        await incoming.discard(sha256);
      }
      throw error;
    }
    // Not the cause itself: what the network layer says of an address may hold the query.
    const reason = error instanceof Error ? reasonOf(error) : 'unknown';
    throw new TransientError('MODEL_DOWNLOAD_FAILED', `the model at ${where} could not be fetched: ${reason}`, {
      details: { expected: 'the model file', found: reason },
    });
  }
  return incoming.verify(sha256);
}

async function fetchRest(options: DownloadOptions, where: string): Promise<void> {
  const { url, sha256, maxBytes, incoming, signal, idleMs = IDLE_MS } = options;
  const idle = new AbortController();
  let timer = setTimeout(() => idle.abort(new Error(`nothing came for ${idleMs / 1000} s`)), idleMs);
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => idle.abort(new Error(`nothing came for ${idleMs / 1000} s`)), idleMs);
  };
  try {
    let received = await incoming.received(sha256);
    const response = await fetch(url, {
      ...(received > 0 ? { headers: { range: `bytes=${received}-` } } : {}),
      signal: AbortSignal.any([signal, idle.signal]),
    });
    if (response.status === 416) {
      // All of it is here already; the hash says whether that is so.
      await response.body?.cancel();
      return;
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw refusal(response.status, where);
    }
    if (received > 0 && response.status !== 206) {
      await incoming.discard(sha256);
      received = 0;
    }
    const announced = Number(response.headers.get('content-length') ?? 0);
    if (received + announced > maxBytes) {
      await response.body?.cancel();
      throw await tooLarge(options, where, received + announced);
    }
    for await (const chunk of response.body ?? []) {
      alive();
      received += chunk.byteLength;
      if (received > maxBytes) {
        throw await tooLarge(options, where, received);
      }
      await incoming.append(sha256, chunk);
    }
  } finally {
    clearTimeout(timer);
  }
}

function refusal(status: number, where: string): ConfigError | TransientError {
  const found = `HTTP status ${status}`;
  if (status === 408 || status === 429 || status >= 500) {
    return new TransientError('MODEL_DOWNLOAD_FAILED', `${where} answers ${found}`, {
      details: { expected: 'the model file', found },
    });
  }
  return new ConfigError('MODEL_URL_REFUSED', `${where} answers ${found}`, {
    details: { expected: 'the model file', found },
  });
}

async function tooLarge({ incoming, sha256, maxBytes }: DownloadOptions, where: string, bytes: number) {
  await incoming.discard(sha256);
  return new ConfigError('MODEL_FILE_TOO_LARGE', `${where} has ${bytes} bytes or more, ${maxBytes} are allowed`, {
    details: { expected: `at most ${maxBytes} bytes`, found: `${bytes} bytes` },
  });
}

/** Host and path of an address. Its query is a secret: a SAS. */
export function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

function reasonOf(error: Error): string {
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (typeof code === 'string') {
    return code;
  }
  return error.name === 'TypeError' ? 'the connection broke' : error.message;
}
