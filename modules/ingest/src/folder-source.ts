import { unlink } from 'node:fs/promises';
import { EdgeveilError, type FolderSourceConfig, RejectedError, TransientError } from '@edgeveil/contracts';
import { every, mapLimit } from '@edgeveil/module-kit';
import { requireFileSize, sha256Of } from './describe-picture.ts';
import { fileFrameId } from './frame-id.ts';
import { RetryLater } from './retry-later.ts';
import { SettlingFiles } from './settling-files.ts';
import type { Source, SourceParts } from './source.ts';
import { type SourceFile, SourceFolder } from './source-folder.ts';
import { SourceState } from './source-state.ts';
import type { TakenFiles } from './taken-ledger.ts';

/** Files under way together: enough that their fsyncs share a commit of the file system. */
const FILES_AT_A_TIME = 4;

/** Takes every completed file of a folder, oldest first, and lets go of it only when it is safe in the frame store. */
export class FolderSource implements Source {
  readonly #name: string;
  readonly #config: FolderSourceConfig;
  readonly #parts: SourceParts;
  readonly #folder: SourceFolder;
  readonly #settling: SettlingFiles;
  readonly #taken: TakenFiles;
  readonly #state: SourceState;
  readonly #retries: RetryLater;
  readonly #toldSkipped = new Set<string>();
  #hasForgotten = false;

  constructor(name: string, config: FolderSourceConfig, parts: SourceParts) {
    this.#name = name;
    this.#config = config;
    this.#parts = parts;
    this.#folder = new SourceFolder({ sourcesDir: parts.sourcesDir, path: config.path, recursive: config.recursive });
    this.#settling = new SettlingFiles(parts.clock);
    this.#taken = parts.ledger.of(name);
    this.#state = new SourceState({ source: name, ...parts });
    this.#retries = new RetryLater(parts.clock);
  }

  /** Polls until the signal aborts; resolves when the files under way are done with. Rejects on a bug only. */
  async run(signal: AbortSignal): Promise<void> {
    await every(this.#config.pollMs, signal, () => this.poll(signal));
  }

  /** One look at the folder: takes what has settled. */
  async poll(signal: AbortSignal): Promise<void> {
    this.#parts.beat();
    let settled: SourceFile[];
    try {
      settled = await this.#list();
      this.#state.readable();
    } catch (error) {
      if (!(error instanceof EdgeveilError)) {
        throw error;
      }
      this.#state.unreadable(error);
      return;
    }
    await mapLimit(this.#whileOpen(settled), FILES_AT_A_TIME, (file) => this.#take(file), signal);
  }

  async #list(): Promise<SourceFile[]> {
    const { files, skipped } = await this.#folder.list();
    for (const { path, reason } of skipped) {
      if (!this.#toldSkipped.has(path) && this.#toldSkipped.size < 1000) {
        this.#toldSkipped.add(path);
        this.#parts.log.warn('path skipped', { path, reason });
      }
    }
    if (!this.#hasForgotten && files.length > 0) {
      this.#hasForgotten = true;
      this.#taken.forgetGone(files, this.#parts.clock());
    }
    const fresh = files.filter((file) => !this.#taken.has(file));
    this.#retries.keepOnly(fresh);
    const settled = this.#settling.settled(fresh, this.#config.settleMs);
    return settled
      .filter((file) => this.#retries.isDue(file))
      .sort((a, b) => a.mtimeMs - b.mtimeMs || (a.path < b.path ? -1 : 1));
  }

  /** Files stay in their folder while the store is full. */
  *#whileOpen(files: readonly SourceFile[]): Generator<SourceFile> {
    for (const file of files) {
      if (!this.#parts.gate.isOpen) {
        return;
      }
      yield file;
    }
  }

  async #take(file: SourceFile): Promise<void> {
    this.#parts.beat();
    try {
      const isDone = await this.#takeOrReject(file);
      if (isDone) {
        this.#retries.done(file);
      }
    } catch (error) {
      if (!(error instanceof TransientError)) {
        throw error;
      }
      if (error.code === 'STORE_DISK_FULL') {
        this.#parts.gate.diskFull();
      }
      if (this.#retries.failed(file)) {
        this.#parts.log.warn('file not taken, retrying', { path: file.path, error });
      }
    }
  }

  /** False when the file changed meanwhile: a later poll sees to it. */
  async #takeOrReject(file: SourceFile): Promise<boolean> {
    const { intake, log } = this.#parts;
    let bytes: Buffer | undefined;
    try {
      requireFileSize(file.size, this.#parts.limits());
      bytes = await this.#folder.read(file);
      if (bytes === undefined) {
        return false;
      }
      const { path, mtimeMs } = file;
      await intake.take({
        source: this.#name,
        guarantee: 'guaranteed',
        capturedAtMs: mtimeMs,
        bytes,
        name: path,
        idOf: (contentSha256) => fileFrameId({ source: this.#name, path, mtimeMs, contentSha256 }),
      });
      await this.#letGo(file, 'stored');
      return true;
    } catch (error) {
      if (!(error instanceof RejectedError)) {
        throw error;
      }
      // Too large to be read: told apart from others of its name by its size.
      const contentSha256 = bytes === undefined ? `${file.size} bytes` : sha256Of(bytes);
      const id = fileFrameId({ source: this.#name, path: file.path, mtimeMs: file.mtimeMs, contentSha256 });
      const content =
        bytes === undefined
          ? ({ kind: 'file', path: await this.#folder.resolve(file.path) } as const)
          : ({ kind: 'bytes', bytes } as const);
      await intake.reject({ id, source: this.#name, name: file.path, content }, error, log);
      await this.#letGo(file, 'rejected');
      return true;
    }
  }

  /** The content is safe elsewhere. A file that was written anew meanwhile stays, to be taken as the new one it is. */
  async #letGo(file: SourceFile, outcome: 'stored' | 'rejected'): Promise<void> {
    if (this.#config.afterIngest === 'delete' && (await this.#folder.isUnchanged(file))) {
      try {
        await unlink(await this.#folder.deletable(file.path));
        return;
      } catch (error) {
        // A folder that may only be read: without a note the file would come in again and again.
        this.#parts.log.warn('file taken but not deleted', { path: file.path, error });
      }
    }
    this.#taken.add(file, outcome, this.#parts.clock());
  }
}
