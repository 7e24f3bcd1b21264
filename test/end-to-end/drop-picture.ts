import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Puts a file into a source's folder the way a careful sender does: under another name first. */
export async function dropPicture(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${name}.part`);
  await writeFile(temporary, bytes);
  await rename(temporary, join(folder, name));
}
