import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import { z } from 'zod';
import type { ModuleSpec } from '../../manifest/deployment.ts';
import type { ModuleOverride } from './resolve-command.ts';

/** Name of the side file, which lies beside the manifest. */
export const commandMapName = 'local-edge.json';

const entrySchema = z.strictObject({
  /** The program and its arguments. */
  command: z.tuple([z.string().min(1)], z.string()).optional(),
  /** Relative to the side file's folder, which is the default. */
  cwd: z.string().min(1).optional(),
  env: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).optional(),
});

const fileSchema = z.strictObject({
  $schema: z.string().optional(),
  modules: z.record(z.string(), entrySchema).default({}),
  images: z.record(z.string(), entrySchema).default({}),
});

type Entry = z.infer<typeof entrySchema>;

/** Which process stands for a module or an image: what a manifest has no place for. */
export interface CommandMap {
  find(spec: ModuleSpec): ModuleOverride;
}

/**
 * Reads a side file: `{"modules": {"sensor": {"command": ["python3", "sensor.py"], "cwd": "sensor", "env": {"RATE": 5}}}, "images": {…}}`. Images are
 * named with or without their tag. A file that is not there maps nothing.
 * @throws ConfigError EDGE_COMMANDS_INVALID
 */
export async function readCommandMap(path: string): Promise<CommandMap> {
  const { modules, images } = parse(path, await read(path));
  const folder = dirname(path);
  return {
    find({ name, image }) {
      const entry = own(modules, name) ?? own(images, image) ?? own(images, withoutTag(image));
      return entry === undefined ? {} : overrideOf(entry, folder);
    },
  };
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return '{}';
    throw invalid(path, String(cause), cause);
  }
}

function parse(path: string, text: string): z.infer<typeof fileSchema> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw invalid(path, (cause as Error).message, cause);
  }
  const parsed = fileSchema.safeParse(document);
  if (!parsed.success) throw invalid(path, z.prettifyError(parsed.error), parsed.error);
  return parsed.data;
}

function overrideOf({ command, cwd, env }: Entry, folder: string): ModuleOverride {
  return {
    ...(command === undefined ? {} : { command: command[0], args: command.slice(1), cwd: folder }),
    ...(cwd === undefined ? {} : { cwd: resolve(folder, cwd) }),
    ...(env === undefined ? {} : { env }),
  };
}

function own(entries: Readonly<Record<string, Entry>>, key: string): Entry | undefined {
  return Object.hasOwn(entries, key) ? entries[key] : undefined;
}

// The colon of a registry's port is followed by a slash.
function withoutTag(image: string): string {
  return image.replace(/@sha256:.*$/, '').replace(/:[^/:]*$/, '');
}

function invalid(path: string, message: string, cause: unknown): ConfigError {
  return new ConfigError('EDGE_COMMANDS_INVALID', `${path} is invalid: ${message}`, { cause });
}
