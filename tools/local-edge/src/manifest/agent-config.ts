import { ConfigError } from '@edgeveil/contracts';
import { z } from 'zod';
import { stripMetadata } from '../twins/diff.ts';
import { isJsonObject, type JsonObject } from '../twins/json-object.ts';
import { createOptionsDocument, parseCreateOptions } from './create-options.ts';
import type { AgentConfig, ModuleSpec } from './deployment.ts';
import { describeIssues } from './describe-issues.ts';

/** The startup order of a module that has none: the last. */
const lastStartupOrder = 4_294_967_295;

const jsonObject = z.record(z.string(), z.unknown());

const moduleSchema = z.looseObject({
  type: z.literal('docker', { error: "the type must be 'docker'" }),
  status: z.enum(['running', 'stopped']).default('running'),
  restartPolicy: z.enum(['never', 'on-failure', 'on-unhealthy', 'always']).default('on-unhealthy'),
  imagePullPolicy: z.enum(['on-create', 'never']).default('on-create'),
  startupOrder: z.int().min(0).max(lastStartupOrder).default(lastStartupOrder),
  version: z.string().default(''),
  env: z
    .record(
      z.string().regex(/^[^+#$\s.]+$/, 'not the name of a variable'),
      z.looseObject({ value: z.union([z.string(), z.number(), z.boolean()]) }),
    )
    .default({}),
  settings: z.looseObject({ image: z.string().min(1) }),
});

const agentSchema = z.looseObject({
  runtime: jsonObject.default({}),
  systemModules: z.looseObject({ edgeAgent: jsonObject.optional(), edgeHub: jsonObject.optional() }).default({}),
  modules: z.record(z.string().regex(/^[a-zA-Z0-9_-]+$/, 'not a module name'), z.unknown()).default({}),
});

/**
 * Checks `$edgeAgent`'s desired properties.
 * @throws ConfigError EDGE_MANIFEST_INVALID; `details.deploymentStatus` is the code that edgeAgent reports: 400, 412 for a schema version that it does
 * not take, 417 for none at all
 */
export function parseAgentConfig(desired: JsonObject): AgentConfig {
  const document = stripMetadata(desired);
  if (Object.keys(document).length === 0) throw invalid('$edgeAgent: there is no configuration', 417);
  const { schemaVersion } = document;
  // A .NET Version; another minor version is taken, with what is known of it.
  if (typeof schemaVersion !== 'string' || !/^1\.\d+(?:\.\d+){0,2}$/.test(schemaVersion)) {
    throw invalid(
      `$edgeAgent: schemaVersion '${String(schemaVersion)}' is not supported, it must be '1.0' or '1.1'`,
      412,
    );
  }
  const agent = agentSchema.safeParse(document);
  if (!agent.success) throw invalid(`$edgeAgent: ${describeIssues(agent.error, document)}`, 400, agent.error);
  const { runtime, systemModules, modules } = agent.data;
  for (const name of ['edgeAgent', 'edgeHub'] as const) {
    const settings = systemModules[name]?.settings;
    if (isJsonObject(settings)) createOptionsDocument(name, settings);
  }
  return {
    runtime,
    systemModules,
    modules: Object.entries(modules).map(([name, value]) => parseModule(name, value)),
  };
}

function parseModule(name: string, value: unknown): ModuleSpec {
  const parsed = moduleSchema.safeParse(value);
  if (!parsed.success || !isJsonObject(value)) {
    throw invalid(`module '${name}': ${parsed.error ? describeIssues(parsed.error, value) : ''}`, 400, parsed.error);
  }
  const { status, restartPolicy, startupOrder, imagePullPolicy, version, env, settings } = parsed.data;
  const document = createOptionsDocument(name, settings);
  return {
    name,
    image: settings.image,
    status,
    restartPolicy,
    startupOrder,
    imagePullPolicy,
    version,
    env: Object.fromEntries(Object.entries(env).map(([key, variable]) => [key, String(variable.value)])),
    createOptions: parseCreateOptions(name, document),
    createOptionsDocument: document,
    source: value,
  };
}

function invalid(message: string, deploymentStatus: number, cause?: unknown): ConfigError {
  return new ConfigError('EDGE_MANIFEST_INVALID', `the deployment manifest is invalid: ${message}`, {
    cause,
    details: { deploymentStatus },
  });
}
