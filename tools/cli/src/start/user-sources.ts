import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { UsageError } from '../usage-error.ts';

export interface UserSources {
  /** Becomes the sources volume. */
  readonly sourcesDir: string;
  /** The ingest module's `sources`. */
  readonly sources: Readonly<Record<string, unknown>>;
}

/**
 * The user's own folder as the one source. Its files are kept: this is somebody's picture collection.
 *
 * @throws UsageError when it is no folder.
 */
export async function userSources(folder: string, workingDir: string): Promise<UserSources> {
  const asked = resolve(workingDir, folder);
  const info = await stat(asked).catch(() => undefined);
  if (info?.isDirectory() !== true) throw new UsageError(`--images ${folder}: no such folder`);
  // Ingest refuses a link that leads out of the sources volume.
  const path = await realpath(asked);
  return {
    sourcesDir: dirname(path),
    sources: { pictures: { type: 'folder', path: basename(path), afterIngest: 'keep' } },
  };
}
