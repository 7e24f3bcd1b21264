import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeOnnx } from '@edgeveil/onnx-graph';
import { constantModel } from './constant-model.ts';
import { tinyModel, tinyPackage } from './tiny-model.ts';

/** Writes a package whose model gives the same numbers for every picture: a classifier when it has labels, otherwise features. */
export async function writeVectorPackage(
  dir: string,
  { values, labels = [] }: { readonly values: readonly number[]; readonly labels?: readonly string[] },
): Promise<void> {
  const name = labels.length > 0 ? 'probabilities' : 'embedding';
  const model = encodeOnnx(
    constantModel({
      input: { name: 'images', dims: [1, 3, 64, 64] },
      outputs: [{ name, dims: [1, values.length], values: Float32Array.from(values) }],
    }),
  );
  const { input } = tinyPackage(tinyModel());
  const kind = labels.length > 0 ? 'classification' : 'embedding';
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'model.onnx'), model);
  await writeFile(
    join(dir, 'model.json'),
    JSON.stringify({
      ...tinyPackage(model, { name: kind, task: kind, decoder: kind, labels, input: { ...input, resize: 'stretch' } }),
      sha256: createHash('sha256').update(model).digest('hex'),
      thresholds: { score: 0.1, nms: 1, perLabel: {} },
    }),
  );
}
