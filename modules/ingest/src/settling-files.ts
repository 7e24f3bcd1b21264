import type { SourceFile } from './source-folder.ts';

/**
 * Tells completed files from those that are still being written: size and modification time stayed the same for a while.
 * Works where no one says when a file is complete, as on a network share.
 */
export class SettlingFiles {
  readonly #clock: () => number;
  #seen = new Map<string, SourceFile & { readonly sinceMs: number }>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Takes one whole listing; gives those of its files that have settled. What is not in it is forgotten. */
  settled(files: readonly SourceFile[], settleMs: number): SourceFile[] {
    const now = this.#clock();
    const seen = new Map<string, SourceFile & { readonly sinceMs: number }>();
    const settled: SourceFile[] = [];
    for (const file of files) {
      const before = this.#seen.get(file.path);
      const isSame = before?.size === file.size && before.mtimeMs === file.mtimeMs;
      const sinceMs = isSame ? before.sinceMs : now;
      seen.set(file.path, { ...file, sinceMs });
      if (now - sinceMs >= settleMs) {
        settled.push(file);
      }
    }
    this.#seen = seen;
    return settled;
  }
}
