import { constants } from 'node:fs';
import { copyFile, mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dataFilesOf } from '../model-data.ts';

/**
 * Copies a model into a folder, durably: its file as `model.onnx`, its data files by the names that it has for them. Answers the
 * bytes of all of them.
 *
 * @throws ConfigError MODEL_EXTERNAL_DATA; what the disk throws
 */
export async function copyModel(modelFile: string, dir: string): Promise<number> {
  const data = await dataFilesOf(modelFile);
  let bytes = 0;
  for (const { path, name } of [{ path: modelFile, name: 'model.onnx' }, ...data]) {
    const target = join(dir, name);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(path, target, constants.COPYFILE_FICLONE);
    await using copy = await open(target, 'r');
    await copy.sync();
    bytes += (await stat(target)).size;
  }
  return bytes;
}
