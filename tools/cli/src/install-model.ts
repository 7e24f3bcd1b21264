import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyModel, Detector, locateModel } from '@edgeveil/inference';
import type { ModelPackage } from '@edgeveil/vision';

/**
 * Puts a model into a folder as a package: `model.onnx` with its data files, and the `model.json` that it came with or, for a bare ONNX file,
 * that was worked out from it. The model is loaded and run once on the way.
 *
 * @throws ConfigError when it is missing, does not load, or its outputs are not recognised.
 */
export async function installModel(model: string, packageDir: string): Promise<ModelPackage> {
  const located = await locateModel(model);
  await using detector = await Detector.open({ model: located });
  await mkdir(packageDir, { recursive: true });
  await copyModel(located.modelFile, packageDir);
  await writeFile(join(packageDir, 'model.json'), `${JSON.stringify(detector.model, undefined, 2)}\n`);
  return detector.model;
}
