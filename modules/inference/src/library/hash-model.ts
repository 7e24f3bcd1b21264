import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { dataFilesOf } from '../model-data.ts';

/**
 * SHA-256 of a model, in hexadecimal digits: of its file, followed by its data files in the order of their names, as
 * `cat model.onnx model.onnx.data | sha256sum` has it.
 *
 * @throws what reading throws; ConfigError MODEL_EXTERNAL_DATA
 */
export async function hashModel(modelFile: string): Promise<string> {
  const hash = createHash('sha256');
  for (const path of [modelFile, ...(await dataFilesOf(modelFile)).map((file) => file.path)]) {
    for await (const chunk of createReadStream(path)) {
      hash.update(chunk);
    }
  }
  return hash.digest('hex');
}
