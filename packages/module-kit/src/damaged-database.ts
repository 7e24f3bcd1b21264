import { rename, rm } from 'node:fs/promises';
import { InternalError } from '@edgeveil/contracts';

/** A SQLite file that opens but cannot be relied on: it fails its integrity check, or has another form. */
export class DamagedDatabaseError extends InternalError {}

/** CORRUPT and NOTADB of https://www.sqlite.org/rescode.html */
const DAMAGE = [11, 26];

/** SQLite's primary result code of an error that `node:sqlite` has thrown; 0 for any other error. */
export function sqliteResultCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0;
}

/**
 * Opens a database whose loss can be borne. One that is damaged is put aside as `PATH.damaged`, `onDamage` is told, and
 * `open` is called once more, to make a new one. Every other failure of `open` is passed on.
 */
export async function openOrReplaceDamaged<Database>(
  path: string,
  open: (path: string) => Database,
  onDamage: (error: unknown) => void,
): Promise<Database> {
  try {
    return open(path);
  } catch (error) {
    if (!(error instanceof DamagedDatabaseError) && !DAMAGE.includes(sqliteResultCode(error))) throw error;
    onDamage(error);
    await rename(path, `${path}.damaged`);
    await Promise.all(['-wal', '-shm'].map((suffix) => rm(path + suffix, { force: true })));
    return open(path);
  }
}
