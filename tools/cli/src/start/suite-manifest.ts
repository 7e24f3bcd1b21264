import { readFile } from 'node:fs/promises';
import { ConfigError } from '@edgeveil/contracts';

type Json = Record<string, unknown>;

/** Desired properties to lay over those of a template, by module. Values replace whole top-level properties. */
export type TwinOverlay = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Reads a deployment template and lays other desired properties over the twins of some modules; everything else stays as
 * the template says.
 *
 * @throws ConfigError when the file is no deployment template.
 */
export async function readSuiteManifest(path: string, overlay: TwinOverlay): Promise<Json> {
  const manifest = JSON.parse(await readFile(path, 'utf8')) as Json;
  const content = manifest.modulesContent;
  if (!isObject(content)) throw new ConfigError('MANIFEST_INVALID', `${path}: no modulesContent`);
  for (const [module, desired] of Object.entries(overlay)) {
    const twin = content[module];
    const base = isObject(twin) && isObject(twin['properties.desired']) ? twin['properties.desired'] : {};
    content[module] = { 'properties.desired': { ...base, ...desired } };
  }
  return manifest;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
