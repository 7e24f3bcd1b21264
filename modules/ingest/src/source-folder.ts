import { constants, type Dirent } from 'node:fs';
import { lstat, open, readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { TransientError } from '@edgeveil/contracts';

/** A file of a source as it was seen in a listing. */
export interface SourceFile {
  /** Relative to the source's folder, with `/`. */
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** What was left out of a listing, and why: a link that leads out of the folder, a subfolder that cannot be read. */
export interface SkippedPath {
  readonly path: string;
  readonly reason: string;
}

interface FoundPath {
  readonly path: string;
  readonly isLink: boolean;
}

export interface SourceListing {
  readonly files: readonly SourceFile[];
  readonly skipped: readonly SkippedPath[];
}

export interface SourceFolderOptions {
  /** Volume that no source may leave. */
  readonly sourcesDir: string;
  readonly path: string;
  readonly recursive: boolean;
}

/** What programs that write files call the unfinished ones, and what file managers leave in folders. */
const IGNORED = /^\.|~$|\.(?:tmp|part|partial|filepart|crdownload)$|^(?:thumbs\.db|desktop\.ini)$/i;
/** Files looked at together: more would only queue up in Node's thread pool. */
const STATS_AT_A_TIME = 32;

/** A source's folder: lists and opens files, and only such as truly lie below the sources volume. */
export class SourceFolder {
  readonly #options: SourceFolderOptions;

  constructor(options: SourceFolderOptions) {
    this.#options = options;
  }

  /** All files that are not ignored by their name. Throws TransientError SOURCE_UNREADABLE. */
  async list(): Promise<SourceListing> {
    try {
      const root = await this.#root();
      const skipped: SkippedPath[] = [];
      const found = await this.#walk(root, '', skipped);
      const files: SourceFile[] = [];
      for (let start = 0; start < found.length; start += STATS_AT_A_TIME) {
        const group = found.slice(start, start + STATS_AT_A_TIME);
        const looked = await Promise.all(group.map((each) => look(root, each)));
        for (const result of looked) {
          if (typeof result === 'string') {
            skipped.push({ path: result, reason: 'leads out of its folder' });
          } else if (result !== undefined) {
            files.push(result);
          }
        }
      }
      return { files, skipped };
    } catch (cause) {
      throw unreadable(this.#options.path, cause);
    }
  }

  /** Absolute path of a listed file with every link resolved. Throws TransientError SOURCE_UNREADABLE, also where it leads out. */
  async resolve(path: string): Promise<string> {
    try {
      const root = await this.#root();
      const real = await realpath(join(root, path));
      if (!isBelow(real, root)) {
        throw escapes('it leads out of its folder');
      }
      return real;
    } catch (cause) {
      throw unreadable(path, cause);
    }
  }

  /** Path to delete a listed file by: of a link the link itself goes, never what it points to. */
  async deletable(path: string): Promise<string> {
    return join(await this.#root(), path);
  }

  /**
   * Bytes of a listed file; `undefined` when it is not as it was listed any more (gone, or being written again).
   * Throws TransientError SOURCE_UNREADABLE.
   */
  async read(file: SourceFile): Promise<Buffer | undefined> {
    const real = await this.resolve(file.path);
    try {
      // Neither a link put there since, nor a pipe that would block for ever.
      const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        if (!isSame(file, await handle.stat())) {
          return undefined;
        }
        const bytes = await handle.readFile();
        return bytes.length === file.size && isSame(file, await handle.stat()) ? bytes : undefined;
      } finally {
        await handle.close();
      }
    } catch (cause) {
      throw unreadable(file.path, cause);
    }
  }

  /** Whether the file is still as it was listed. */
  async isUnchanged(file: SourceFile): Promise<boolean> {
    try {
      return isSame(file, await stat(await this.resolve(file.path)));
    } catch {
      return false;
    }
  }

  async #root(): Promise<string> {
    const volume = await realpath(this.#options.sourcesDir);
    const root = await realpath(join(volume, this.#options.path));
    if (!isBelow(root, volume) && root !== volume) {
      throw escapes('the folder leads out of the sources volume');
    }
    return root;
  }

  /** Files and links. Linked folders are not entered: they may lead anywhere, or in a circle. */
  async #walk(root: string, folder: string, skipped: SkippedPath[]): Promise<FoundPath[]> {
    const found: FoundPath[] = [];
    for (const entry of await this.#entries(root, folder, skipped)) {
      if (IGNORED.test(entry.name)) {
        continue;
      }
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (this.#options.recursive) {
          found.push(...(await this.#walk(root, path, skipped)));
        }
      } else if (entry.isFile() || entry.isSymbolicLink()) {
        found.push({ path, isLink: entry.isSymbolicLink() });
      }
    }
    return found;
  }

  /** One subfolder that may not be read (`lost+found`) must not stop the whole source. */
  async #entries(root: string, folder: string, skipped: SkippedPath[]): Promise<Dirent[]> {
    try {
      return await readdir(join(root, folder), { withFileTypes: true });
    } catch (error) {
      if (folder === '') {
        throw error;
      }
      skipped.push({ path: folder, reason: error instanceof Error ? error.message : String(error) });
      return [];
    }
  }
}

/** The file, the path where it leads out of the root, or `undefined` where it is gone, no file, or must not be looked at. */
async function look(root: string, { path, isLink }: FoundPath): Promise<SourceFile | string | undefined> {
  try {
    const real = isLink ? await realpath(join(root, path)) : join(root, path);
    if (isLink && !isBelow(real, root)) {
      return path;
    }
    const found = await lstat(real);
    return found.isFile() ? { path, size: found.size, mtimeMs: found.mtimeMs } : undefined;
  } catch {
    return undefined;
  }
}

function isSame(file: SourceFile, found: { readonly size: number; readonly mtimeMs: number }): boolean {
  return found.size === file.size && found.mtimeMs === file.mtimeMs;
}

function isBelow(path: string, root: string): boolean {
  const between = relative(root, path);
  return between !== '' && between !== '..' && !between.startsWith(`..${sep}`);
}

function escapes(message: string): TransientError {
  return new TransientError('SOURCE_PATH_ESCAPES', message);
}

function unreadable(path: string, cause: unknown): TransientError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TransientError('SOURCE_UNREADABLE', `${path} cannot be read: ${reason}`, { cause, details: { path } });
}
