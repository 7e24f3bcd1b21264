import { cp, mkdir, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { Detector, writeModelPackage } from '@edgeveil/inference';
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
 * @throws UsageError when the file is missing or the model knows nothing of what should be hidden.
 * @throws ConfigError when it does not load or its outputs are not recognised.
 */
export async function installUserModel(options: {
  readonly model: string;
  readonly classes: string | undefined;
  readonly modelsDir: string;
  readonly workingDir: string;
}): Promise<UserModel> {
  const path = resolve(options.workingDir, options.model);
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) throw new UsageError(`--model ${options.model}: no such file or folder`);

  const name = basename(path).replace(/\.onnx$/i, '');
  const target = join(options.modelsDir, name);
  await mkdir(options.modelsDir, { recursive: true });
  await rm(target, { recursive: true, force: true });
  if (info.isDirectory()) await cp(path, target, { recursive: true });
  else await writeModelPackage(path, target);

  const detector = await Detector.open({ path: target, providers: ['cpu'] });
  const known = detector.labels;
  await detector.close();
  const wanted = options.classes?.split(',').map((label) => label.trim());
  const labels =
    wanted ??
    DEFAULT_LABELS.map((line) => line.filter((label) => known.includes(label))).find((line) => line.length > 0);
  const unknown = labels?.filter((label) => !known.includes(label)) ?? [];
  if (labels === undefined || unknown.length > 0) {
    throw new UsageError(
      `--classes: the model cannot find ${unknown.join(', ') || 'face, plate or person'}; choose out of ${known.join(', ')}`,
    );
  }
  return { package: name, labels };
}
