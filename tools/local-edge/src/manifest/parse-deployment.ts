import { ConfigError } from '@edgeveil/contracts';
import { z } from 'zod';
import { isJsonObject, type JsonObject } from '../twins/json-object.ts';
import { parseCreateOptions } from './create-options.ts';
import type { Deployment, ModuleSpec } from './deployment.ts';
import { parseHubConfig } from './hub-config.ts';

/** The startup order of a module that has none: the last. */
const lastStartupOrder = 4_294_967_295;

const moduleSchema = z.looseObject({
  type: z.literal('docker', { error: "the type must be 'docker'" }),
  status: z.enum(['running', 'stopped']).default('running'),
  restartPolicy: z.enum(['never', 'on-failure', 'on-unhealthy', 'always']).default('on-unhealthy'),
  startupOrder: z.int().min(0).max(lastStartupOrder).default(lastStartupOrder),
  env: z
    .record(
      z.string().regex(/^[^+#$\s.]+$/, 'not the name of a variable'),
      z.looseObject({ value: z.union([z.string(), z.number(), z.boolean()]) }),
    )
    .default({}),
  settings: z.looseObject({ image: z.string().min(1) }),
});

const agentSchema = z.looseObject({
  schemaVersion: z.string().regex(/^1\.\d+(?:\.\d+){0,2}$/, "must be '1.0' or '1.1'"),
  modules: z.record(z.string().regex(/^[a-zA-Z0-9_-]+$/, 'not a module name'), z.unknown()).default({}),
});

/**
 * Checks a deployment manifest whose variables have been expanded.
 * @throws ConfigError EDGE_MANIFEST_INVALID
 */
export function parseDeployment(document: unknown): Deployment {
  const contents = modulesContent(document);
  const desired = new Map<string, JsonObject>();
  for (const [name, value] of Object.entries(contents)) {
    const half = isJsonObject(value) ? (value['properties.desired'] ?? {}) : value;
    if (!isJsonObject(half)) throw invalid(`the desired properties of '${name}' are no object`);
    desired.set(name, half);
  }
  const agent = agentSchema.safeParse(desired.get('$edgeAgent'));
  if (!agent.success) throw invalid(`$edgeAgent: ${z.prettifyError(agent.error)}`, agent.error);
  const hubDesired = desired.get('$edgeHub');
  if (hubDesired === undefined) throw invalid('$edgeHub is missing');
  const modules = Object.entries(agent.data.modules).map(([name, value]) => parseModule(name, value));
  return { modules, hub: parseHubConfig(hubDesired), desired };
}

function modulesContent(document: unknown): JsonObject {
  if (!isJsonObject(document)) throw invalid('it is not a JSON object');
  const content = isJsonObject(document.content) ? document.content : document;
  // The oldest files say moduleContent.
  const modules = content.modulesContent ?? content.moduleContent;
  if (!isJsonObject(modules)) throw invalid('modulesContent is missing');
  return modules;
}

function parseModule(name: string, value: unknown): ModuleSpec {
  const parsed = moduleSchema.safeParse(value);
  if (!parsed.success || !isJsonObject(value))
    throw invalid(`module '${name}': ${parsed.error ? z.prettifyError(parsed.error) : ''}`);
  const { status, restartPolicy, startupOrder, env, settings } = parsed.data;
  return {
    name,
    image: settings.image,
    status,
    restartPolicy,
    startupOrder,
    env: Object.fromEntries(Object.entries(env).map(([key, variable]) => [key, String(variable.value)])),
    createOptions: parseCreateOptions(name, settings),
    source: value,
  };
}

function invalid(message: string, cause?: unknown): ConfigError {
  return new ConfigError('EDGE_MANIFEST_INVALID', `the deployment manifest is invalid: ${message}`, { cause });
}
