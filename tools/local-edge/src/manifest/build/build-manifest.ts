import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConfigError } from '@edgeveil/contracts';
import { expandVariables } from '../expand-variables.ts';
import { chunkCreateOptions } from './chunk-create-options.ts';
import { indentedJson } from './dump-json.ts';
import { JsonSourceError, parseJsonSource, type SourceObject, type SourceValue } from './json-source.ts';
import { type ImageTarget, isImagePlaceholder, resolveImage } from './module-images.ts';
import { expandSource, unsetVariables } from './variables.ts';

export interface BuildOptions extends ImageTarget {
  /** Where `modules/` lies; the template's folder by default. */
  readonly repoDir?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface BuiltManifest {
  /** The manifest's text, as iotedgedev writes it. */
  readonly text: string;
  /** Variables of the template that nothing has set. */
  readonly unset: readonly string[];
}

/**
 * Expands a deployment template: variables, images of modules, create options as cut texts; `$schema-template` goes.
 * @throws ConfigError EDGE_MANIFEST_UNREADABLE, EDGE_MANIFEST_INVALID, EDGE_IMAGE_UNRESOLVED, EDGE_CREATE_OPTIONS_TOO_LONG
 */
export async function buildManifest(path: string, options: BuildOptions): Promise<BuiltManifest> {
  const { environment, repoDir = dirname(path) } = options;
  const text = await readTemplate(path);
  const document = parseTemplate(path, text, environment);
  if (!(document instanceof Map)) throw invalid(path, 'it is not a JSON object');
  document.delete('$schema-template');
  const problems: string[] = [];
  for (const [name, module] of modulesOf(path, document)) {
    const settings = module instanceof Map ? module.get('settings') : undefined;
    if (!(settings instanceof Map)) continue;
    const image = settings.get('image');
    if (typeof image === 'string' && isImagePlaceholder(image)) {
      const resolved = await resolveImage(image, repoDir, options, environment);
      if ('image' in resolved) settings.set('image', resolved.image);
      else problems.push(`module '${name}': ${resolved.problem}`);
    }
    chunkCreateOptions(name, settings);
  }
  if (problems.length > 0)
    throw new ConfigError('EDGE_IMAGE_UNRESOLVED', problems.join('\n'), { details: { problems } });
  return { text: indentedJson(document), unset: unsetVariables(text, environment) };
}

async function readTemplate(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError('EDGE_MANIFEST_UNREADABLE', `the manifest ${path} cannot be read: ${reason}`, { cause });
  }
}

// A template may have a variable where JSON wants a number: then it is JSON only after expansion.
function parseTemplate(path: string, text: string, environment: BuildOptions['environment']): SourceValue {
  try {
    return expandSource(parseJsonSource(text).value, environment);
  } catch (error) {
    if (!(error instanceof JsonSourceError)) throw error;
    try {
      return parseJsonSource(expandVariables(text, environment)).value;
    } catch {
      const { line, column } = placeOf(text, error.offset);
      throw new ConfigError('EDGE_MANIFEST_UNREADABLE', `${path}:${line}:${column}: ${error.message}`, {
        cause: error,
      });
    }
  }
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function modulesOf(path: string, document: SourceObject): readonly (readonly [string, SourceValue])[] {
  const inner = document.get('content');
  const content = inner instanceof Map ? inner : document;
  const modules = content.get('modulesContent') ?? content.get('moduleContent');
  if (!(modules instanceof Map)) throw invalid(path, 'modulesContent is missing');
  const agent = modules.get('$edgeAgent');
  const desired = agent instanceof Map ? agent.get('properties.desired') : undefined;
  if (!(desired instanceof Map)) return [];
  return ['systemModules', 'modules'].flatMap((section) => {
    const entries = desired.get(section);
    return entries instanceof Map ? [...entries] : [];
  });
}

function invalid(path: string, message: string): ConfigError {
  return new ConfigError('EDGE_MANIFEST_INVALID', `the deployment template ${path} is invalid: ${message}`);
}
