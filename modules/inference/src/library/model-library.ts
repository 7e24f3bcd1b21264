import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import type { ModelPackage } from '@edgeveil/vision';
import { copyModel } from './copy-model.ts';
import { diskFailure } from './disk-failure.ts';
import { hashModel } from './hash-model.ts';
import {
  folderNameOf,
  type LibraryEntry,
  libraryEntrySchema,
  type ModelKey,
  type ModelOrigin,
} from './library-entry.ts';

/** A model that is to be kept: its file, and what is known of it. */
export interface ModelToKeep {
  readonly modelFile: string;
  readonly description: ModelPackage;
  readonly origin: ModelOrigin;
}

/**
 * Models on disk: `<name>/<version>/` with `model.onnx`, `model.json` and `entry.json`. A version is there whole or not at
 * all, and never changes.
 */
export class ModelLibrary {
  readonly #dir: string;
  readonly #entries = new Map<string, LibraryEntry>();
  /** One change at a time: two that add the same version must not both find it absent. */
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** Makes the folder, takes stock, and removes what a crash left half done. */
  static async open(dir: string): Promise<ModelLibrary> {
    const library = new ModelLibrary(dir);
    await rm(join(dir, '.staging'), { recursive: true, force: true });
    await mkdir(join(dir, '.staging'), { recursive: true });
    for (const name of await readdir(dir)) {
      for (const version of name.startsWith('.') ? [] : await readdir(join(dir, name)).catch(() => [])) {
        const entry = await readEntry(join(dir, name, version));
        if (entry !== undefined) {
          library.#entries.set(keyOf(entry), entry);
        }
      }
    }
    return library;
  }

  /** Newest first. */
  list(): LibraryEntry[] {
    return [...this.#entries.values()].sort((a, b) => b.addedAt.localeCompare(a.addedAt));
  }

  /** The version that is named, or the newest of the name. */
  find(name: string, version?: string): LibraryEntry | undefined {
    return this.list().find((entry) => entry.name === name && (version === undefined || entry.version === version));
  }

  /** Bytes may be there under several versions that differ in what is said of them: the version that is named, or the newest. */
  findBySha256(sha256: string, version?: string): LibraryEntry | undefined {
    return this.list().find((entry) => entry.sha256 === sha256 && (version === undefined || entry.version === version));
  }

  /** Folder of a version: a model package. */
  dirOf({ name, version }: ModelKey): string {
    return join(this.#dir, folderNameOf(name), folderNameOf(version));
  }

  /**
   * Takes a copy of a model, with its data files, into the library, durably. What is there already by the same
   * hash stays as it is. ConfigError MODEL_VERSION_CONFLICT when the version is there with another hash,
   * MODEL_SHA256_MISMATCH when the file is not what the description says; TransientError MODEL_DISK_FULL, MODEL_STORE_FAILED.
   */
  async add(model: ModelToKeep): Promise<LibraryEntry> {
    return this.#exclusively(async () => {
      const { name, version, sha256 } = model.description;
      const present = this.#entries.get(keyOf(model.description));
      if (present !== undefined) {
        if (present.sha256 === sha256) {
          return present;
        }
        const message = `${name} ${version} is in the library already, with SHA-256 ${present.sha256}`;
        throw new ConfigError('MODEL_VERSION_CONFLICT', `${message}: a version never changes`, {
          details: { expected: 'a new version', found: `${name} ${version}`, sha256 },
        });
      }
      const entry = await this.#stage(model).catch(async (error: unknown) => {
        await rm(this.#stagedDir(sha256), { recursive: true, force: true });
        throw diskFailure(`${name} ${version}`, error);
      });
      this.#entries.set(keyOf(entry), entry);
      return entry;
    });
  }

  #stagedDir(sha256: string): string {
    return join(this.#dir, '.staging', sha256);
  }

  async #stage({ modelFile, description, origin }: ModelToKeep): Promise<LibraryEntry> {
    const staged = this.#stagedDir(description.sha256);
    await rm(staged, { recursive: true, force: true });
    await mkdir(staged);
    const bytes = await copyModel(modelFile, staged);
    const { name, version, sha256 } = description;
    await checkCopy(join(staged, 'model.onnx'), sha256);
    const entry = { name, version, sha256, bytes, origin, addedAt: new Date().toISOString() };
    await writeFile(join(staged, 'model.json'), `${JSON.stringify(description, undefined, 2)}\n`, { flush: true });
    await writeFile(join(staged, 'entry.json'), `${JSON.stringify(entry, undefined, 2)}\n`, { flush: true });
    const target = this.dirOf(entry);
    await mkdir(join(target, '..'), { recursive: true });
    // A folder without a readable entry: half removed, or somebody else's.
    await rm(target, { recursive: true, force: true });
    await rename(staged, target);
    await sync(join(target, '..'));
    return entry;
  }

  /** False when there is no such version. */
  async remove(key: ModelKey): Promise<boolean> {
    return this.#exclusively(async () => {
      if (!this.#entries.delete(keyOf(key))) {
        return false;
      }
      await rm(this.dirOf(key), { recursive: true, force: true });
      return true;
    });
  }

  /** Removes the oldest versions until the rest fits, but none whose hash is among `kept`. Answers those that are gone. */
  async trim(maxBytes: number, kept: ReadonlySet<string>): Promise<LibraryEntry[]> {
    const gone: LibraryEntry[] = [];
    let total = this.list().reduce((sum, { bytes }) => sum + bytes, 0);
    for (const entry of this.list().reverse()) {
      if (total <= maxBytes) {
        break;
      }
      if (!kept.has(entry.sha256) && (await this.remove(entry))) {
        total -= entry.bytes;
        gone.push(entry);
      }
    }
    return gone;
  }

  async #exclusively<T>(change: () => Promise<T>): Promise<T> {
    const next = this.#changing.then(change);
    this.#changing = next.catch(() => undefined);
    return next;
  }
}

function keyOf({ name, version }: ModelKey): string {
  return JSON.stringify([name, version]);
}

async function readEntry(dir: string): Promise<LibraryEntry | undefined> {
  try {
    return libraryEntrySchema.parse(JSON.parse(await readFile(join(dir, 'entry.json'), 'utf8')));
  } catch {
    return undefined;
  }
}

/** A folder of the models volume may be written to while it is copied. */
async function checkCopy(file: string, expected: string): Promise<void> {
  const found = await hashModel(file);
  if (found !== expected) {
    throw new ConfigError('MODEL_SHA256_MISMATCH', `the copy of the model has SHA-256 ${found}, not ${expected}`, {
      details: { expected, found },
    });
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
