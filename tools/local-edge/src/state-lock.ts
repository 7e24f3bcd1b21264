import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import { processIdentity } from './agent/process/process-identity.ts';

/** Makes a state folder this process's own. @throws ConfigError EDGE_STATE_IN_USE while another runtime uses it */
export async function lockState(stateDir: string): Promise<{ release(): Promise<void> }> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const path = join(stateDir, 'runtime.lock');
  const [pid, identity] = (await readFile(path, 'utf8').catch(() => '')).split('\n');
  if (pid && identity && (await processIdentity(Number(pid))) === identity) {
    throw new ConfigError('EDGE_STATE_IN_USE', `${stateDir} is in use by process ${pid}`);
  }
  await rm(path, { force: true });
  const own = `${process.pid}\n${(await processIdentity(process.pid)) ?? ''}\n`;
  try {
    await writeFile(path, own, { flag: 'wx' });
  } catch (cause) {
    throw new ConfigError('EDGE_STATE_IN_USE', `${stateDir} was taken by another process just now`, { cause });
  }
  return { release: () => rm(path, { force: true }) };
}
