import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { expandVariables } from '../expand-variables.ts';

const moduleSchema = z.looseObject({
  image: z.looseObject({
    repository: z.string().min(1),
    tag: z.looseObject({ version: z.string().min(1), platforms: z.record(z.string(), z.string()) }),
  }),
});

/** What a module's image is to be built for. */
export interface ImageTarget {
  readonly platform: string;
  readonly isDebug: boolean;
}

export type ResolvedImage = { readonly image: string } | { readonly problem: string };

const placeholder = /^\$\{(?:MODULES\.([^.}]+)|MODULEDIR<([^>]+)>)(?:\.([^}]+))?\}$/;

/** Whether an image is a `${MODULES.…}` or `${MODULEDIR<…>}` of a template. */
export function isImagePlaceholder(image: string): boolean {
  return placeholder.test(image);
}

/** Why no image can be told for a placeholder, whatever the platform; `undefined` when one can. */
export async function moduleFileProblem(
  text: string,
  repoDir: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const { path, suffix } = moduleFile(text, repoDir);
  const read = await readModule(path, environment);
  if ('problem' in read) return `cannot be told: ${read.problem}`;
  const { platforms } = read.image.tag;
  if (suffix === undefined || keysFor(suffix).some((key) => Object.hasOwn(platforms, key))) return undefined;
  if (suffix === 'debug' && Object.keys(platforms).some((key) => key.endsWith('.debug'))) return undefined;
  return `cannot be told: ${path} has no platform '${suffix}', only ${Object.keys(platforms).join(', ')}`;
}

function moduleFile(text: string, repoDir: string): { readonly path: string; readonly suffix: string | undefined } {
  const [, name = '', folder, suffix] = placeholder.exec(text) ?? [];
  const dir = folder === undefined ? join(repoDir, 'modules', name) : resolve(repoDir, folder);
  return { path: join(dir, 'module.json'), suffix };
}

/**
 * The image that a placeholder stands for: `repository:version[-CONTAINER_TAG]-platform`, from the module's `module.json`. Without a
 * platform of its own the placeholder takes the target's.
 */
export async function resolveImage(
  text: string,
  repoDir: string,
  target: ImageTarget,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ResolvedImage> {
  const { path, suffix } = moduleFile(text, repoDir);
  const read = await readModule(path, environment);
  if ('problem' in read) return { problem: `${text}: ${read.problem}` };
  const { repository, tag } = read.image;
  const wanted = platformKey(suffix, target);
  const key = keysFor(wanted).find((candidate) => Object.hasOwn(tag.platforms, candidate));
  if (key === undefined) {
    return { problem: `${text}: ${path} has no platform '${wanted}', only ${Object.keys(tag.platforms).join(', ')}` };
  }
  const containerTag = environment.CONTAINER_TAG ? `-${environment.CONTAINER_TAG}` : '';
  return { image: `${repository.toLowerCase()}:${tag.version}${containerTag}-${key}` };
}

function platformKey(suffix: string | undefined, { platform, isDebug }: ImageTarget): string {
  if (suffix === undefined) return isDebug ? `${platform}.debug` : platform;
  return suffix === 'debug' ? `${platform}.debug` : suffix;
}

// The tools say arm64v8 and arm32v7, people and newer files arm64 and arm32.
function keysFor(key: string): readonly string[] {
  const long = key.replace(/^arm64(?=$|\.)/, 'arm64v8').replace(/^arm32(?=$|\.)/, 'arm32v7');
  const short = key.replace(/^arm64v8(?=$|\.)/, 'arm64').replace(/^arm32v7(?=$|\.)/, 'arm32');
  return [key, long, short];
}

async function readModule(
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<z.infer<typeof moduleSchema> | { readonly problem: string }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return { problem: `there is no ${path}` };
  }
  try {
    const parsed = moduleSchema.safeParse(JSON.parse(expandVariables(text, environment)));
    return parsed.success ? parsed.data : { problem: `${path}: ${z.prettifyError(parsed.error)}` };
  } catch (error) {
    return { problem: `${path} is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
