import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';

/** The variables of a `.env` file; none when there is no such file. */
export async function readEnvFile(path: string): Promise<Record<string, string | undefined>> {
  try {
    return { ...parseEnv(await readFile(path, 'utf8')) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
