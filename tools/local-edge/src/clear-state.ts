import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';

// The lock is this process's own. The records of processes are needed to end those that a killed runtime has left behind.
const kept = new Set(['runtime.lock', 'run']);

/**
 * Empties a state folder that this process has locked.
 * @throws ConfigError EDGE_STATE_UNUSABLE for a folder with other things than a state in it, which stays as it is
 */
export async function clearState(stateDir: string): Promise<void> {
  const names = (await readdir(stateDir)).filter((name) => !kept.has(name));
  if (names.length === 0) return;
  if (!names.includes('edge.db')) {
    throw new ConfigError(
      'EDGE_STATE_UNUSABLE',
      `${stateDir} is not empty and holds no state of a runtime: it is not deleted`,
    );
  }
  // The database last: a deletion that is cut short is recognised and can be repeated.
  for (const name of [...names.filter((each) => each !== 'edge.db'), 'edge.db']) {
    await rm(join(stateDir, name), { recursive: true, force: true });
  }
}
