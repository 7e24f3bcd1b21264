import { opendir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { UsageError } from './usage-error.ts';

export interface PictureFile {
  readonly path: string;
  /** Path below the folder that was named, or the file's own name: where its result goes. */
  readonly name: string;
}

const PICTURE_NAME = /\.(jpe?g|png|webp)$/i;

/**
 * The pictures meant by files and folders on a command line, folders searched whole, in name order. A file named
 * outright is taken whatever its name says: its content decides.
 *
 * @throws UsageError when a path does not exist.
 */
export async function listPictureFiles(paths: readonly string[]): Promise<PictureFile[]> {
  const files: PictureFile[] = [];
  for (const path of paths) {
    const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`${path}: ${error.code === 'ENOENT' ? 'no such file or folder' : error.message}`);
    });
    if (info.isDirectory()) files.push(...(await listFolder(path)));
    else files.push({ path, name: basename(path) });
  }
  return files;
}

async function listFolder(folder: string): Promise<PictureFile[]> {
  const found: PictureFile[] = [];
  for await (const entry of await opendir(folder, { recursive: true })) {
    if (!entry.isFile() || !PICTURE_NAME.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    found.push({ path, name: relative(folder, path) });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
