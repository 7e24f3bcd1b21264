import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder for the modules' sockets. */
export interface SocketFolder {
  path(moduleId: string): string;
  remove(): Promise<void>;
}

// The limit on a socket's path, less room for a module name of ordinary length.
const maxFolderBytes = 70;

/**
 * Makes a folder for sockets: inside the state folder, where the path is short enough for the system's limit, otherwise in the temporary folder.
 * Module names are numbered instead of written out where they would be too long.
 */
export async function createSocketFolder(stateDir: string, temporaryDir: string): Promise<SocketFolder> {
  const inState = join(stateDir, 'workload');
  const isShort = Buffer.byteLength(inState) <= maxFolderBytes;
  if (isShort) await mkdir(inState, { recursive: true, mode: 0o700 });
  const folder = isShort ? inState : await mkdtemp(join(temporaryDir, 'edge-'));
  const numbers = new Map<string, number>();
  return {
    path(moduleId) {
      if (Buffer.byteLength(moduleId) <= 24) return join(folder, `${moduleId}.sock`);
      const number = numbers.get(moduleId) ?? numbers.size;
      numbers.set(moduleId, number);
      return join(folder, `module-${number}.sock`);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
