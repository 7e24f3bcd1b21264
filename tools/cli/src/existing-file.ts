import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CliContext } from './cli-context.ts';
import { UsageError } from './usage-error.ts';

/** The absolute path of a file that was named on the command line. @throws UsageError where there is none */
export async function existingFile(file: string, { workingDir }: Pick<CliContext, 'workingDir'>): Promise<string> {
  const path = resolve(workingDir, file);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new UsageError(`${path}: no such file`);
  if (!found.isFile()) throw new UsageError(`${path} is no file`);
  return path;
}
