import { EdgeveilError } from '@edgeveil/contracts';
import type { CliContext } from './cli-context.ts';
import { listPictureFiles, type PictureFile } from './picture-files.ts';
import { createProgressBar } from './progress-bar.ts';
import { UsageError } from './usage-error.ts';

export interface PictureCounts {
  readonly done: number;
  readonly failed: number;
}

/** The pictures named on a command line. @throws UsageError when there are none, or a path does not exist. */
export async function findPictures(paths: readonly string[]): Promise<PictureFile[]> {
  const files = await listPictureFiles(paths);
  if (files.length === 0) throw new UsageError(`no pictures (.jpg, .png, .webp) in ${paths.join(', ')}`);
  return files;
}

/** Does something with each picture, one after the other, under a progress bar. One that fails is told and the next is taken. */
export async function forEachPicture(
  files: readonly PictureFile[],
  context: CliContext,
  work: (file: PictureFile) => Promise<void>,
): Promise<PictureCounts> {
  const progress = createProgressBar(files.length, context);
  let done = 0;
  let failed = 0;
  for (const file of files) {
    if (context.signal.aborted) break;
    try {
      await work(file);
      done += 1;
    } catch (error) {
      if (!(error instanceof EdgeveilError)) throw error;
      failed += 1;
      context.errors.write(`${file.path}: ${error.message} [${error.code}]\n`);
    }
    progress.step(file.name);
  }
  progress.done();
  return { done, failed };
}
