import { chmod, mkdtemp, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { controlFilePath, readControlFile } from './control-file.ts';

export interface ControlSocket {
  readonly path: string;
  /** To be called as soon as something listens on the path: lets nobody else in, and says in the state folder where it is. */
  announce(startedAt: Date): Promise<void>;
  remove(): Promise<void>;
}

// Linux takes 107 bytes, macOS 103; the same socket may be reached by a somewhat longer path from another mount.
const maxPathBytes = 100;
const folderPrefix = 'edge-control-';

/**
 * Finds a place for the control socket: in the state folder, or in the temporary folder where that path is too long. What a killed edge left
 * there is removed. The state folder must be locked by the caller.
 */
export async function createControlSocket(stateDir: string, temporaryDir = tmpdir()): Promise<ControlSocket> {
  const old = readControlFile(stateDir);
  if (old !== undefined) await removeSocket(old.socket);
  const inState = join(stateDir, 'control.sock');
  const isShort = Buffer.byteLength(inState) <= maxPathBytes;
  const path = isShort ? inState : join(await mkdtemp(join(temporaryDir, folderPrefix)), 'control.sock');
  await rm(path, { force: true });
  return {
    path,
    announce: async (startedAt) => {
      await chmod(path, 0o600);
      const file = controlFilePath(stateDir);
      const content = { pid: process.pid, startedAt: startedAt.toISOString(), socket: isShort ? 'control.sock' : path };
      // Renamed into place, so that nobody reads half of it.
      await writeFile(`${file}.new`, `${JSON.stringify(content)}\n`, { mode: 0o600 });
      await rename(`${file}.new`, file);
    },
    remove: async () => {
      await rm(controlFilePath(stateDir), { force: true });
      await removeSocket(path);
    },
  };
}

async function removeSocket(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
  if (basename(dirname(path)).startsWith(folderPrefix)) await rmdir(dirname(path)).catch(() => undefined);
}
