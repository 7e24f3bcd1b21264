import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Context } from 'mocha';

const root = join(import.meta.dirname, '..');

/** The folder of real models, photos and videos with ground truth: EDGEVEIL_TEST_DATA, else `../shared`. */
export const testDataDir = resolve(root, process.env.EDGEVEIL_TEST_DATA ?? '../shared');

/** Path of a file of the test data. Where it is absent the test is skipped, and says so. */
export function testData(context: Context, path: string): string {
  const file = join(testDataDir, path);
  if (!existsSync(file)) {
    console.log(`      skipped: ${path} is not in EDGEVEIL_TEST_DATA (${testDataDir})`);
    context.skip();
  }
  return file;
}
