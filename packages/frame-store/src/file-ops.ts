import { access, link, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { orAbsent } from './store-error.ts';

/** A file that a store has open. */
export interface StoreFile {
  close(): Promise<void>;
  datasync(): Promise<void>;
  read(into: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  stat(): Promise<{ readonly size: number }>;
  writev(buffers: readonly Buffer[]): Promise<{ readonly bytesWritten: number }>;
}

/** What a store asks of the file system for each item, as `node:fs/promises` has it: a seam for tests of a disk that fails. */
export interface FileOps {
  exists(path: string): Promise<boolean>;
  link(file: string, name: string): Promise<void>;
  open(path: string, flags: string, mode?: number): Promise<StoreFile>;
  readFile(path: string): Promise<Buffer>;
  rename(from: string, to: string): Promise<void>;
  stat(path: string): Promise<{ readonly mtimeMs: number }>;
  unlink(path: string): Promise<void>;
}

/** On Node's thread pool: nothing blocks. */
export const pooledFiles: FileOps = {
  exists: async (path) => (await orAbsent(access(path).then(() => true))) ?? false,
  link,
  open,
  readFile,
  rename,
  stat,
  unlink,
};
