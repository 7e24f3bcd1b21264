import { ConfigError } from '@edgeveil/contracts';
import { chunkLength, maxChunks } from '../manifest/build/chunk-create-options.ts';
import { minifiedJson } from '../manifest/build/dump-json.ts';
import type { SourceValue } from '../manifest/build/json-source.ts';
import { joinChunks } from '../manifest/join-chunks.ts';
import { isJsonObject, type JsonObject } from '../twins/json-object.ts';
import type { Remark } from './finding.ts';
import type { LintContext } from './lint-context.ts';
import { sourceAt } from './source-at.ts';

/** Create options have to be JSON, in texts that a twin holds. */
export function* checkCreateOptions(context: LintContext): Generator<Remark> {
  for (const { name, path, value } of context.modules) {
    const settings = isJsonObject(value) ? value.settings : undefined;
    if (!isJsonObject(settings)) continue;
    const place = { path: `${path}/settings${'createOptions' in settings ? '/createOptions' : ''}` };
    const problem = problemOf(settings);
    if (problem !== undefined) {
      const remedy = 'Give an object in a template, or the text of one in a manifest.';
      yield { code: 'create-options', message: `the create options of '${name}' ${problem}`, remedy, ...place };
    }
    const length = lengthOf(settings, sourceAt(context.source, `${path}/settings/createOptions`));
    if (length > chunkLength * maxChunks) {
      yield {
        code: 'create-options-long',
        message: `the create options of '${name}' have ${length} characters; ${chunkLength * maxChunks} is the most`,
        remedy: 'Shorten them; long environments belong into "env".',
        ...place,
      };
    }
  }
}

function problemOf(settings: JsonObject): string | undefined {
  const { createOptions } = settings;
  if (createOptions !== undefined && typeof createOptions !== 'string') {
    return isJsonObject(createOptions) ? undefined : 'are no object';
  }
  try {
    const text = joinChunks(settings, 'createOptions', { ignoreCase: true });
    return text.trim() === '' || isJsonObject(JSON.parse(text)) ? undefined : 'are no object';
  } catch (error) {
    return error instanceof ConfigError ? `are incomplete: ${error.message}` : 'are not JSON';
  }
}

function lengthOf(settings: JsonObject, source: SourceValue | undefined): number {
  if (source instanceof Map) return minifiedJson(source).length;
  return Object.entries(settings)
    .filter(([key]) => /^createOptions(?:\d\d)?$/i.test(key))
    .reduce((sum, [, text]) => sum + (typeof text === 'string' ? text.length : 0), 0);
}
