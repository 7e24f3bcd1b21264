import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeOnnx, parseOnnx } from '@edgeveil/onnx-graph';
import { tinyModel } from './tiny-model.ts';

export interface ExternalModel {
  readonly bytes: Uint8Array;
  readonly data: Uint8Array;
  /** Of both, one after the other. */
  readonly sha256: string;
}

/** {@link tinyModel} with its weights in another file, `model.onnx.data` when no other name is given. */
export function externalModel(location = 'model.onnx.data'): ExternalModel {
  const model = parseOnnx(tinyModel());
  const chunks: Uint8Array[] = [];
  let offset = 0;
  for (const tensor of model.graph?.initializer ?? []) {
    const { rawData, dataType } = tensor;
    // Shapes stay within, as exporters leave them.
    if (rawData !== undefined && dataType === 1) {
      delete tensor.rawData;
      tensor.dataLocation = 1;
      tensor.externalData = [
        { key: 'location', value: location },
        { key: 'offset', value: String(offset) },
        { key: 'length', value: String(rawData.length) },
      ];
      chunks.push(rawData);
      offset += rawData.length;
    }
  }
  const bytes = encodeOnnx(model);
  const data = Buffer.concat(chunks);
  return { bytes, data, sha256: createHash('sha256').update(bytes).update(data).digest('hex') };
}

/** Writes {@link externalModel} into a folder, without description. */
export async function writeExternalModel(dir: string): Promise<ExternalModel> {
  const model = externalModel();
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'model.onnx'), model.bytes);
  await writeFile(join(dir, 'model.onnx.data'), model.data);
  return model;
}
