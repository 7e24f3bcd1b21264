import { z } from 'zod';
import { pointerStep } from '../manifest/build/json-source.ts';
import { describeIssue } from '../manifest/describe-issues.ts';
import { isJsonObject, type JsonObject } from '../twins/json-object.ts';
import type { Remark } from './finding.ts';
import type { LintContext } from './lint-context.ts';

const docker = z.literal('docker');
const moduleSchema = z.looseObject({
  type: docker,
  status: z.enum(['running', 'stopped']).optional(),
  restartPolicy: z.enum(['never', 'on-failure', 'on-unhealthy', 'always']).optional(),
  imagePullPolicy: z.enum(['on-create', 'never']).optional(),
  startupOrder: z.int().min(0).max(4_294_967_295).optional(),
  version: z.string().optional(),
  env: z
    .record(
      z.string().regex(/^[^+#$\s.]+$/, "a variable's name has no blank, +, #, $ or ."),
      z.looseObject({ value: z.union([z.string(), z.number(), z.boolean()]) }),
    )
    .optional(),
  settings: z.looseObject({ image: z.string().min(1) }),
});

const knownFields = [
  'version',
  'type',
  'status',
  'restartPolicy',
  'imagePullPolicy',
  'startupOrder',
  'env',
  'settings',
];
const schemaRemedy = 'Write what the schema of IoT Edge deployments has here.';

/** The frame of a manifest and the entries of its modules. */
export function* checkShape(context: LintContext): Generator<Remark> {
  const { isLayer, content, contentPath } = context;
  if (!isLayer) {
    for (const name of ['$edgeAgent', '$edgeHub']) {
      const value = content[name];
      if (isJsonObject(value) && isJsonObject(value['properties.desired'])) continue;
      const remedy = `Add "${name}": {"properties.desired": {…}}.`;
      yield { code: 'schema', message: `${name} has no desired properties`, remedy, path: contentPath };
    }
  }
  if (context.agent !== undefined) yield* checkAgent(context.agent, context.agentPath);
  for (const { name, path, value, isSystem } of context.modules) {
    if (!/^[a-zA-Z0-9_-]+$/.test(name)) {
      const remedy = 'Use letters, digits, - and _ only.';
      yield { code: 'module-name', message: `'${name}' is not a module name`, remedy, path, atKey: true };
    }
    yield* issuesOf(moduleSchema, value, path, `module '${name}'`);
    if (isSystem || !isJsonObject(value)) continue;
    yield* unknownFields(value, path);
  }
}

function* checkAgent(agent: JsonObject, path: string): Generator<Remark> {
  const { schemaVersion } = agent;
  if (typeof schemaVersion !== 'string' || !/^1\.\d+(?:\.\d+){0,2}$/.test(schemaVersion)) {
    yield {
      code: 'schema-version',
      message: `$edgeAgent: schemaVersion ${JSON.stringify(schemaVersion) ?? 'is missing'} is not supported`,
      remedy: 'Set "schemaVersion": "1.1".',
      path: schemaVersion === undefined ? path : `${path}/schemaVersion`,
    };
  }
  const runtime = z.looseObject({ type: docker }).optional();
  yield* issuesOf(z.looseObject({ runtime }), agent, path, '$edgeAgent');
}

function* unknownFields(module: JsonObject, path: string): Generator<Remark> {
  for (const field of Object.keys(module)) {
    if (knownFields.includes(field)) continue;
    const meant = knownFields.find((known) => known.toLowerCase() === field.toLowerCase().replaceAll(/[-_]/g, ''));
    yield {
      code: 'unknown-field',
      message: `edgeAgent knows no field '${field}' of a module and passes over it`,
      remedy: meant === undefined ? 'Remove it, or move it to where it belongs.' : `Write '${meant}'.`,
      path: `${path}${pointerStep(field)}`,
      atKey: true,
    };
  }
}

/** One remark for each issue that a schema has with a value. */
export function* issuesOf(
  schema: z.ZodType,
  value: unknown,
  path: string,
  owner: string,
  code: Remark['code'] = 'schema',
): Generator<Remark> {
  for (const issue of schema.safeParse(value).error?.issues ?? []) {
    const steps = issue.path.map((step) => pointerStep(String(step))).join('');
    const field = issue.path.length === 0 ? '' : `, ${issue.path.map(String).join('.')}`;
    yield {
      code,
      message: `${owner}${field}: ${describeIssue(issue, value)}`,
      remedy: schemaRemedy,
      path: `${path}${steps}`,
    };
  }
}
