import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import { z } from 'zod';
import { DirectorySync } from './directory-sync.ts';
import { errnoOf } from './store-error.ts';

const keySchema = z.object({
  /** 8 bytes in hexadecimal: what a sealed file's header names. */
  id: z.string().regex(/^[0-9a-f]{16}$/),
  /** 32 bytes in base64. */
  key: z.base64().refine((text) => Buffer.from(text, 'base64').length === 32, 'must be 32 bytes'),
  createdAt: z.string(),
});

export const keyringFileSchema = z
  .object({ version: z.literal(1), active: z.string(), keys: z.array(keySchema).min(1) })
  .refine((file) => file.keys.some(({ id }) => id === file.active), 'the active key must be among the keys');
export type KeyringFile = z.infer<typeof keyringFileSchema>;
type Key = z.infer<typeof keySchema>;

/** Throws ConfigError KEYRING_UNREADABLE or KEYRING_INVALID; `undefined` when there is no file. */
export async function readKeyringFile(path: string): Promise<KeyringFile | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') {
      return undefined;
    }
    throw new ConfigError('KEYRING_UNREADABLE', `the key file ${path} cannot be read`, { cause, details: { path } });
  }
  return parseKeyringFile(text, path);
}

/** Creates the file with one new key, unless another process was first: then that one's key counts for both. */
export async function createKeyringFile(path: string): Promise<KeyringFile> {
  const key = newKey();
  const written = await writeKeyringFile(path, { version: 1, active: key.id, keys: [key] }, { replace: false });
  const file = await readKeyringFile(path);
  if (file === undefined) {
    throw new ConfigError('KEYRING_UNREADABLE', `the key file ${path} was ${written ? 'removed' : 'not there'}`, {
      details: { path },
    });
  }
  return file;
}

/** Adds a new key and makes it the active one. Files sealed with the others stay readable. */
export async function rotateKeyringFile(path: string): Promise<KeyringFile> {
  const file = (await readKeyringFile(path)) ?? (await createKeyringFile(path));
  const key = newKey();
  const rotated: KeyringFile = { version: 1, active: key.id, keys: [...file.keys, key] };
  await writeKeyringFile(path, rotated, { replace: true });
  return rotated;
}

function newKey(): Key {
  return {
    id: randomBytes(8).toString('hex'),
    key: randomBytes(32).toString('base64'),
    createdAt: new Date().toISOString(),
  };
}

function parseKeyringFile(text: string, path: string): KeyringFile {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // The parser's message may quote the file, which holds keys.
    throw new ConfigError('KEYRING_INVALID', `the key file ${path} is not JSON`, { details: { path } });
  }
  const parsed = keyringFileSchema.safeParse(document);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError('KEYRING_INVALID', `the key file ${path} is not valid`, { details: { path, problems } });
  }
  return parsed.data;
}

/** Whole or not at all, on disk before it is used: a key that is lost makes every file sealed with it unreadable. */
async function writeKeyringFile(
  path: string,
  content: KeyringFile,
  { replace }: { readonly replace: boolean },
): Promise<boolean> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(content, undefined, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    // A hard link is the one way to give a finished file a name only if the name is free.
    await (replace ? rename(temporary, path) : link(temporary, path));
    await new DirectorySync(dirname(path)).request();
    return true;
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST') {
      return false;
    }
    throw new ConfigError('KEYRING_NOT_WRITABLE', `the key file ${path} cannot be written`, {
      cause,
      details: { path },
    });
  } finally {
    await rm(temporary, { force: true });
  }
}
