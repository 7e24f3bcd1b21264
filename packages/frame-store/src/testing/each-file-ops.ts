import { blockingFiles } from '../blocking-files.ts';
import { type FileOps, pooledFiles } from '../file-ops.ts';

/** Describes a unit with each way to touch files, which must be the same to it. */
export function describeEachFileOps(unit: string, suite: (files: FileOps) => void): void {
  describe(`${unit}, on the thread pool`, () => suite(pooledFiles));
  describe(`${unit}, blocking its thread`, () => suite(blockingFiles));
}
