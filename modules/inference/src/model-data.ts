import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigError, RejectedError } from '@edgeveil/contracts';
import { checkExternalData, describeOnnx, parseOnnx } from '@edgeveil/onnx-graph';

/** A file with weights of a model that keeps them outside its `.onnx` file, as exporters do above 2 GB. */
export interface ModelDataFile {
  /** As the model names it: a path below the model's folder. */
  readonly name: string;
  readonly path: string;
}

/** What may lie beside a model and is no data of it. */
const NO_DATA = /\.(?:onnx|json|txt|names|md|part)$/i;
/** How an entry that refers to another file begins. */
const LOCATION = Buffer.from('location');

/**
 * The data files that a model names, by name; none for most models. They must lie in its folder.
 *
 * @param bytes of the model file, if they have been read; otherwise it is read only where something lies beside it
 * @throws ConfigError MODEL_EXTERNAL_DATA; what reading the model file throws
 */
export async function dataFilesOf(modelFile: string, bytes?: Uint8Array): Promise<ModelDataFile[]> {
  const dir = dirname(modelFile);
  if (bytes === undefined && (await readdir(dir)).every((name) => NO_DATA.test(name))) {
    return [];
  }
  const names = await externalFiles(modelFile, bytes ?? (await readFile(modelFile)));
  return names.sort().map((name) => ({ name, path: join(dir, name) }));
}

async function externalFiles(modelFile: string, bytes: Uint8Array): Promise<string[]> {
  // To look for a word is much cheaper than to read all of a file that has its weights within.
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(LOCATION)) {
    return [];
  }
  try {
    const onnx = describeOnnx(parseOnnx(bytes));
    await checkExternalData(modelFile, onnx);
    return [...onnx.externalFiles];
  } catch (cause) {
    if (!(cause instanceof RejectedError)) {
      throw cause;
    }
    if (cause.code !== 'ONNX_EXTERNAL_DATA_MISSING' && cause.code !== 'ONNX_EXTERNAL_DATA_OUTSIDE') {
      // No whole model: the runtime says so.
      return [];
    }
    throw new ConfigError('MODEL_EXTERNAL_DATA', `${modelFile}: ${cause.message}`, {
      cause,
      details: {
        file: modelFile,
        expected: 'a model in one file, or a folder with its data files beside model.onnx',
        found: cause.message,
      },
    });
  }
}
