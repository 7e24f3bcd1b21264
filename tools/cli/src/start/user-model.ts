import { rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { installModel } from '../install-model.ts';
import { UsageError } from '../usage-error.ts';

export interface UserModel {
  /** Name of the package's folder in the models volume: the inference module's `model.package`. */
  readonly package: string;
  /** What redact is to hide with it. */
  readonly labels: readonly string[];
}

/** What is hidden when the user names nothing: the first line of which the model knows something. */
const DEFAULT_LABELS = [['face', 'plate'], ['person']] as const;

/**
 * Puts the user's model into the models volume as a package and chooses what to hide with it.
 *
 * @throws UsageError when the model knows nothing of what should be hidden.
 * @throws ConfigError when it is missing, does not load or its outputs are not recognised.
 */
export async function installUserModel(options: {
  readonly model: string;
  readonly classes: string | undefined;
  readonly modelsDir: string;
  readonly workingDir: string;
}): Promise<UserModel> {
  const path = resolve(options.workingDir, options.model);
  const name = basename(path).replace(/\.onnx$/i, '');
  const packageDir = join(options.modelsDir, name);
  await rm(packageDir, { recursive: true, force: true });
  const { labels: known } = await installModel(path, packageDir);

  const wanted = options.classes?.split(',').map((label) => label.trim());
  const usual = DEFAULT_LABELS.map((line) => line.filter((label) => known.includes(label)));
  const labels = wanted ?? usual.find((line) => line.length > 0) ?? [];
  const unknown = labels.filter((label) => !known.includes(label));
  if (unknown.length > 0 || labels.length === 0) {
    const missing = unknown.join(', ') || 'face, plate or person';
    throw new UsageError(`--classes: the model cannot find ${missing}; choose out of ${known.join(', ')}`);
  }
  return { package: name, labels };
}
