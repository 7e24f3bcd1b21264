import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { RejectedError } from '@edgeveil/contracts';
import type { OnnxDescription } from './describe-onnx.ts';

/**
 * Checks that the files with a model's weights lie beside it. RejectedError ONNX_EXTERNAL_DATA_MISSING, or
 * ONNX_EXTERNAL_DATA_OUTSIDE for a path that leaves the model's folder, which a model from elsewhere has no business in.
 */
export async function checkExternalData(modelFile: string, { externalFiles }: OnnxDescription): Promise<void> {
  for (const location of externalFiles) {
    if (location === '' || isAbsolute(location) || normalize(location).split(/[\\/]/).includes('..')) {
      throw new RejectedError(
        'ONNX_EXTERNAL_DATA_OUTSIDE',
        `the model keeps weights in "${location}", outside its own folder`,
        { details: { file: modelFile, location } },
      );
    }
    const file = join(dirname(modelFile), location);
    const isThere = await stat(file).then(
      (found) => found.isFile(),
      () => false,
    );
    if (!isThere) {
      throw new RejectedError(
        'ONNX_EXTERNAL_DATA_MISSING',
        `the model keeps weights in ${location}, and that file is not beside it`,
        { details: { file: modelFile, location, expected: file, found: 'no such file' } },
      );
    }
  }
}
