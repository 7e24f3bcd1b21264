import { ConfigError, TransientError } from '@edgeveil/contracts';
import { modelJsonSchema, wholePackage } from '@edgeveil/vision';
import { z } from 'zod';
import type { LocatedModel } from '../locate-model.ts';
import { withoutQuery } from './download-model.ts';

/** What a `model.json` says: all that there is to say, or a part of it. */
export type Description = Pick<LocatedModel, 'description' | 'known'>;

const MAX_BYTES = 1024 ** 2;
const TIMEOUT_MS = 30_000;

/**
 * Fetches the `model.json` of a model that is fetched from a URL. The URL's query is in no message.
 *
 * @throws ConfigError MODEL_URL_REFUSED, MODEL_PACKAGE_INVALID; TransientError MODEL_DOWNLOAD_FAILED
 */
export async function fetchDescription(url: string, signal: AbortSignal): Promise<Description> {
  const where = withoutQuery(url);
  let text: string;
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });
    if (!response.ok) {
      await response.body?.cancel();
      const found = `HTTP status ${response.status}`;
      const details = { expected: 'a model.json', found };
      throw response.status >= 500 || response.status === 429
        ? new TransientError('MODEL_DOWNLOAD_FAILED', `${where} answers ${found}`, { details })
        : new ConfigError('MODEL_URL_REFUSED', `${where} answers ${found}`, { details });
    }
    text = await readSome(response);
  } catch (error) {
    if (error instanceof ConfigError || error instanceof TransientError) {
      throw error;
    }
    throw new TransientError('MODEL_DOWNLOAD_FAILED', `${where} could not be fetched`, {
      details: { expected: 'a model.json', found: error instanceof Error ? error.name : 'unknown' },
    });
  }
  return parseDescription(text, where);
}

/** Parses the text of a `model.json`. ConfigError MODEL_PACKAGE_INVALID naming the paths. */
function parseDescription(text: string, where: string): Description {
  const parsed = modelJsonSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    const found = z.prettifyError(parsed.error);
    throw new ConfigError('MODEL_PACKAGE_INVALID', `${where}: ${found}`, {
      details: { file: where, expected: 'a valid model.json', found },
    });
  }
  return { description: wholePackage(parsed.data), known: parsed.data };
}

async function readSome(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) {
      break;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
