import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ConfigError } from '@edgeveil/contracts';

/** The bytes of a model file and their hash, so that what is checked is what is loaded. */
export interface ModelBytes {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** Reads a model file and checks its hash: ConfigError MODEL_NOT_FOUND, MODEL_UNREADABLE, MODEL_SHA256_MISMATCH. */
export async function readModel(
  modelFile: string,
  expectedHashes: readonly { readonly origin: string; readonly sha256: string }[],
): Promise<ModelBytes> {
  const bytes = await readOrRefuse(modelFile);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  for (const expected of expectedHashes) {
    if (expected.sha256 !== sha256) {
      throw new ConfigError(
        'MODEL_SHA256_MISMATCH',
        `${modelFile}: ${expected.origin} expects SHA-256 ${expected.sha256}, found ${sha256}`,
        { details: { file: modelFile, origin: expected.origin, expected: expected.sha256, found: sha256 } },
      );
    }
  }
  return { bytes, sha256 };
}

async function readOrRefuse(modelFile: string): Promise<Uint8Array> {
  try {
    return await readFile(modelFile);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    const options = { cause, details: { file: modelFile, expected: 'a readable model file', found } };
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      throw new ConfigError('MODEL_NOT_FOUND', `${modelFile}: no such model file`, options);
    }
    throw new ConfigError('MODEL_UNREADABLE', `${modelFile}: model file cannot be read: ${found}`, options);
  }
}
