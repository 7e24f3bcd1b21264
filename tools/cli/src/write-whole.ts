import { rename, writeFile } from 'node:fs/promises';

/** Writes a file under another name first: a reader of its folder never meets half of it. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.part`;
  await writeFile(temporary, content);
  await rename(temporary, path);
}
