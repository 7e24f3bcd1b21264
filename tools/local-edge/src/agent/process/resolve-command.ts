import { readFile } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import { z } from 'zod';
import type { ModuleSpec } from '../../manifest/deployment.ts';

/** The process that stands for an image. */
export interface ModuleCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Added to the module's environment, over the manifest's. */
  readonly env: Readonly<Record<string, string>>;
}

/** What a caller may say about how a module is to be run; what is left out is found as usual. */
export interface ModuleOverride {
  readonly command?: string;
  readonly args?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Opens Node's inspector on this port of this machine, for a module that runs with Node; 0 is any free port. */
  readonly inspectPort?: number;
}

const packageSchema = z.looseObject({ main: z.string().min(1) });
const templateImage = /^\$\{MODULES\.([^.}]+)(?:\.[^}]*)?\}$/;
const templateFolder = /^\$\{MODULEDIR<([^>]+)>(?:\.[^}]*)?\}$/;

/**
 * Finds out which process a module's image stands for: an override that has a command, else the package in the module's folder
 * (`${MODULES.folder}`, `${MODULEDIR<path>}`, or the folder of the module's own name), run with this Node.
 * @throws ConfigError EDGE_MODULE_COMMAND_UNKNOWN
 */
export async function resolveCommand(
  spec: ModuleSpec,
  repoDir: string,
  override: ModuleOverride = {},
): Promise<ModuleCommand> {
  const env = override.env ?? {};
  const inspect = override.inspectPort === undefined ? undefined : `--inspect=127.0.0.1:${override.inspectPort}`;
  if (override.command !== undefined) {
    // What kind of program that is, is not known here: every Node heeds the variable, and nothing else does.
    const inspectEnv =
      inspect === undefined ? env : { ...env, NODE_OPTIONS: `${env.NODE_OPTIONS ?? ''} ${inspect}`.trim() };
    return { command: override.command, args: override.args ?? [], cwd: override.cwd ?? repoDir, env: inspectEnv };
  }
  const folder = moduleFolder(spec, repoDir);
  const main = await readMain(folder);
  if (main === undefined) {
    throw new ConfigError(
      'EDGE_MODULE_COMMAND_UNKNOWN',
      `no command is known for module '${spec.name}' (image '${spec.image}'): put its source with a module.json and a package.json that has "main" into ${folder}; or name a command in local-edge.json beside the manifest ({"modules": {"${spec.name}": {"command": ["program", "argument"]}}}) or in moduleOverrides; or leave it out (--only); or run it as a container (--docker)`,
      { details: { module: spec.name, image: spec.image, folder } },
    );
  }
  return {
    command: process.execPath,
    args: [...(inspect === undefined ? [] : [inspect]), join(folder, main), ...(override.args ?? [])],
    cwd: override.cwd ?? folder,
    env,
  };
}

function moduleFolder(spec: ModuleSpec, repoDir: string): string {
  const outside = templateFolder.exec(spec.image)?.[1];
  if (outside !== undefined) return isAbsolute(outside) ? outside : resolve(repoDir, outside);
  return join(repoDir, 'modules', templateImage.exec(spec.image)?.[1] ?? spec.name);
}

async function readMain(folder: string): Promise<string | undefined> {
  try {
    await readFile(join(folder, 'module.json'));
    return packageSchema.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))).main;
  } catch {
    return undefined;
  }
}
