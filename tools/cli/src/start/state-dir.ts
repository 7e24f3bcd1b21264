import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface StateDir {
  readonly path: string;
  release(): Promise<void>;
}

/**
 * Takes the first state folder below `base` that no other running copy holds: `start`, `start-2`, … So a second copy of
 * `npm start` runs beside the first, and a later one goes on where the first stopped.
 */
export async function takeStateDir(base: string, pid: number): Promise<StateDir> {
  for (let number = 1; ; number += 1) {
    const path = join(base, number === 1 ? 'start' : `start-${number}`);
    await mkdir(path, { recursive: true });
    const lock = join(path, 'pid');
    if (await takeLock(lock, pid)) return { path, release: () => rm(lock, { force: true }) };
  }
}

async function takeLock(lock: string, pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const file = await open(lock, 'wx');
      await file.writeFile(String(pid));
      await file.close();
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (isRunning(Number(await readFile(lock, 'utf8').catch(() => '0')))) return false;
      await rm(lock, { force: true });
    }
  }
  return false;
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
