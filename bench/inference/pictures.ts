import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

const COUNT = 24;
const SIZE = { width: 1920, height: 1080 };

export interface Pictures {
  readonly files: readonly string[];
  readonly meanBytes: number;
}

/** Photos of a folder, enlarged and cropped to 1080p and written as JPEG as a camera does. */
export async function makePictures(photosDir: string, dir: string): Promise<Pictures> {
  const names = (await readdir(photosDir)).filter((name) => name.endsWith('.jpg')).sort();
  const files: string[] = [];
  for (const name of names.slice(0, COUNT)) {
    const file = join(dir, name);
    const resized = sharp(join(photosDir, name)).resize({ ...SIZE, fit: 'cover', kernel: 'lanczos3' });
    await writeFile(file, await resized.jpeg({ quality: 92, chromaSubsampling: '4:2:0' }).toBuffer());
    files.push(file);
  }
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return { files, meanBytes: sizes.reduce((sum, size) => sum + size, 0) / sizes.length };
}
