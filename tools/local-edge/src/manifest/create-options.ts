import { ConfigError } from '@edgeveil/contracts';
import { z } from 'zod';
import { isJsonObject, type JsonObject } from '../twins/json-object.ts';
import type { Bind, CreateOptions } from './deployment.ts';
import { describeIssues } from './describe-issues.ts';
import { joinChunks } from './join-chunks.ts';

const schema = z.looseObject({
  Env: z.array(z.string()).optional(),
  HostConfig: z
    .looseObject({
      Binds: z.array(z.string()).optional(),
      Mounts: z.array(z.looseObject({ Source: z.string().optional(), Target: z.string() })).optional(),
    })
    .optional(),
});

/**
 * A module's create options as one document, given as a chunked string (manifest) or as an object (template).
 * @throws ConfigError EDGE_MANIFEST_INVALID
 */
export function createOptionsDocument(module: string, settings: Readonly<Record<string, unknown>>): JsonObject {
  const given = settings.createOptions;
  const document = isJsonObject(given) ? given : parseText(module, settings);
  if (!isJsonObject(document)) throw invalid(module, 'they are no JSON object');
  return document;
}

/**
 * Picks out of create options what means something to a process.
 * @throws ConfigError EDGE_MANIFEST_INVALID
 */
export function parseCreateOptions(module: string, document: JsonObject): CreateOptions {
  const parsed = schema.safeParse(document);
  if (!parsed.success) throw invalid(module, describeIssues(parsed.error, document), parsed.error);
  const { Env = [], HostConfig = {}, ...rest } = parsed.data;
  const { Binds = [], Mounts = [], ...otherHostConfig } = HostConfig;
  return {
    env: Object.fromEntries(Env.map(splitVariable)),
    binds: [
      ...Binds.map((text) => parseBind(module, text)),
      ...Mounts.map(({ Source, Target }) => ({ source: Source ?? Target.replaceAll('/', '_'), target: Target })),
    ],
    ignored: [...Object.keys(rest), ...Object.keys(otherHostConfig).map((key) => `HostConfig.${key}`)],
  };
}

function parseText(module: string, settings: Readonly<Record<string, unknown>>): unknown {
  const text = joinedText(module, settings);
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(module, 'they are not JSON', cause);
  }
}

function joinedText(module: string, settings: Readonly<Record<string, unknown>>): string {
  try {
    return joinChunks(settings, 'createOptions', { ignoreCase: true });
  } catch (cause) {
    throw cause instanceof ConfigError ? invalid(module, cause.message, cause) : cause;
  }
}

function splitVariable(text: string): [string, string] {
  const split = text.indexOf('=');
  return split < 0 ? [text, ''] : [text.slice(0, split), text.slice(split + 1)];
}

function parseBind(module: string, text: string): Bind {
  const [source, target] = text.split(':');
  if (!source || !target?.startsWith('/')) throw invalid(module, `'${text}' is not source:/container/path`);
  return { source, target };
}

function invalid(module: string, message: string, cause?: unknown): ConfigError {
  return new ConfigError('EDGE_MANIFEST_INVALID', `the create options of module '${module}' are invalid: ${message}`, {
    cause,
  });
}
