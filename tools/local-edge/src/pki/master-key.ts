import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import { writeSecret } from './write-secret.ts';

const keyBytes = 32;

/**
 * The device's key for what its modules have encrypted: made once and kept, since what modules keep encrypted has to be readable after a restart.
 * @throws ConfigError EDGE_STATE_UNUSABLE where the file is no key; it is left alone
 */
export async function openMasterKey(dir: string): Promise<Buffer> {
  const path = join(dir, 'master-encryption.key');
  const kept = await readFile(path, 'utf8').catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new ConfigError('EDGE_STATE_UNUSABLE', `the key ${path} cannot be read`, { cause });
  });
  if (kept === undefined) {
    const key = randomBytes(keyBytes);
    await writeSecret(path, `${key.toString('base64')}\n`);
    return key;
  }
  const key = Buffer.from(kept, 'base64');
  if (key.length !== keyBytes) throw new ConfigError('EDGE_STATE_UNUSABLE', `${path} is no encryption key`);
  return key;
}
