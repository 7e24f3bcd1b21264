import { access, open, readFile, rename, stat, unlink } from 'node:fs/promises';

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
  access(path: string): Promise<void>;
  open(path: string, flags: string, mode?: number): Promise<StoreFile>;
  readFile(path: string): Promise<Buffer>;
  rename(from: string, to: string): Promise<void>;
  stat(path: string): Promise<{ readonly mtimeMs: number }>;
  unlink(path: string): Promise<void>;
}

/** On Node's thread pool: nothing blocks. */
export const pooledFiles: FileOps = { access, open, readFile, rename, stat, unlink };
