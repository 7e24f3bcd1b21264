import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { ConfigError } from '@edgeveil/contracts';
import { dataFilesOf, type ModelDataFile } from '../model-data.ts';

/** The bytes of a model file and their hash, so that what is checked is what is loaded. */
export interface ModelBytes {
  readonly bytes: Uint8Array;
  /** With data files: of the model file followed by them, in the order of their names. */
  readonly sha256: string;
}

/** Reads a model file and checks its hash: ConfigError MODEL_NOT_FOUND, MODEL_UNREADABLE, MODEL_EXTERNAL_DATA, MODEL_SHA256_MISMATCH. */
export async function readModel(
  modelFile: string,
  expectedHashes: readonly { readonly origin: string; readonly sha256: string }[],
): Promise<ModelBytes> {
  const bytes = await readOrRefuse(modelFile);
  const sha256 = await hashOf(bytes, await dataFilesOf(modelFile, bytes));
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

/** Data files may be larger than what is good to hold in memory: they are read in pieces. */
async function hashOf(bytes: Uint8Array, dataFiles: readonly ModelDataFile[]): Promise<string> {
  const hash = createHash('sha256').update(bytes);
  for (const { path } of dataFiles) {
    for await (const chunk of createReadStream(path)) {
      hash.update(chunk);
    }
  }
  return hash.digest('hex');
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
