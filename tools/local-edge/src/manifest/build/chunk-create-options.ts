import { ConfigError } from '@edgeveil/contracts';
import { minifiedJson } from './dump-json.ts';
import type { SourceObject } from './json-source.ts';

/** A twin's text value holds so many characters, and createOptions so many of them (iotedgedev's deploymentmanifest.py). */
export const chunkLength = 512;
export const maxChunks = 8;

/**
 * Turns a module's `createOptions` into text where it is an object, and cuts it into `createOptions`, `createOptions01`, … as iotedgedev
 * does: every 512 characters, escapes not heeded. Characters beyond ASCII are `\uXXXX` by then unless the template had a text. Options
 * that are cut already stay as they are.
 * @throws ConfigError EDGE_CREATE_OPTIONS_TOO_LONG
 */
export function chunkCreateOptions(module: string, settings: SourceObject): void {
  const given = settings.get('createOptions');
  if (given === undefined || settings.has('createOptions01')) return;
  // Array.from goes by code points, as Python counts.
  const characters = Array.from(typeof given === 'string' ? given : minifiedJson(given));
  const count = Math.ceil(characters.length / chunkLength);
  if (count > maxChunks) {
    throw new ConfigError(
      'EDGE_CREATE_OPTIONS_TOO_LONG',
      `the create options of module '${module}' have ${characters.length} characters; ${chunkLength * maxChunks} is the most`,
    );
  }
  if (count === 0) return;
  for (let index = 0; index < count; index += 1) {
    const chunk = characters.slice(index * chunkLength, (index + 1) * chunkLength).join('');
    settings.set(index === 0 ? 'createOptions' : `createOptions${String(index).padStart(2, '0')}`, chunk);
  }
}
