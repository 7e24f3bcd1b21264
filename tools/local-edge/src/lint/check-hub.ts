import { z } from 'zod';
import { isJsonObject } from '../twins/json-object.ts';
import { issuesOf } from './check-shape.ts';
import type { Remark } from './finding.ts';
import type { LintContext, LintRoute } from './lint-context.ts';

const settingsSchema = z.looseObject({
  priority: z.int('it must be a whole number from 0 to 9').min(0).max(9).optional(),
  timeToLiveSecs: z.int('it must be a whole number from 0 on').min(0).max(4_294_967_295).optional(),
});
const int32 = z
  .int('it must be a whole number')
  .min(-(2 ** 31))
  .max(2 ** 31 - 1);
const storeAndForward = z.looseObject({ timeToLiveSecs: int32 });

/** edgeHub's own settings, and the frame of each route. */
export function* checkHub(context: LintContext): Generator<Remark> {
  const { hub, hubPath: path, isLayer } = context;
  let minor = 1;
  if (hub !== undefined && !isLayer) {
    const { schemaVersion, routes, storeAndForwardConfiguration } = hub;
    const match = typeof schemaVersion === 'string' ? /^1\.(\d+)(?:\.\d+){0,2}$/.exec(schemaVersion) : null;
    minor = match === null ? 1 : Number(match[1]);
    if (match === null) {
      yield {
        code: 'schema-version',
        message: `$edgeHub: schemaVersion ${JSON.stringify(schemaVersion) ?? 'is missing'} is not supported`,
        remedy: 'Set "schemaVersion": "1.1".',
        path: schemaVersion === undefined ? path : `${path}/schemaVersion`,
      };
    }
    if (minor > 0 || routes !== undefined) yield* required(routes, 'routes', path);
    if (minor > 0 || storeAndForwardConfiguration !== undefined) {
      yield* required(storeAndForwardConfiguration, 'storeAndForwardConfiguration', path);
    }
    if (isJsonObject(storeAndForwardConfiguration)) {
      const inner = `${path}/storeAndForwardConfiguration`;
      yield* issuesOf(storeAndForward, storeAndForwardConfiguration, inner, 'storeAndForwardConfiguration');
      if (storeAndForwardConfiguration.timeToLiveSecs === 0) {
        yield {
          code: 'ttl-zero',
          message: 'a time to live of 0 lets messages expire at once',
          remedy: 'Set 7200, or -1 for ever.',
          path: `${inner}/timeToLiveSecs`,
        };
      }
    }
  }
  for (const route of context.routes) yield* checkEntry(route, minor);
}

function* required(value: unknown, name: string, path: string): Generator<Remark> {
  if (isJsonObject(value)) return;
  const message = value === undefined ? `$edgeHub: ${name} is missing` : `$edgeHub: ${name} is no object`;
  const place = value === undefined ? path : `${path}/${name}`;
  yield { code: 'schema', message, remedy: `Add "${name}" as the schema version has it.`, path: place };
}

function* checkEntry({ name, path, text, value }: LintRoute, minor: number): Generator<Remark> {
  if (!/^[^.$# ]+$/.test(name)) {
    const remedy = 'Leave out ., $, # and blanks.';
    yield { code: 'route-name', message: `'${name}' is not a route name`, remedy, path, atKey: true };
  }
  if (typeof value !== 'string' && !isJsonObject(value)) {
    yield {
      code: 'schema',
      message: `route '${name}' is neither a text nor an object`,
      remedy: 'Write the route.',
      path,
    };
    return;
  }
  if (isJsonObject(value)) {
    if (minor === 0) {
      yield {
        code: 'route-object-version',
        message: `route '${name}' is an object, which schemaVersion 1.0 does not know`,
        remedy: 'Set "schemaVersion": "1.1" of $edgeHub.',
        path,
      };
    }
    yield* issuesOf(settingsSchema, value, path, `route '${name}'`, 'route-settings');
  }
  if (text === undefined || (text === '' && minor > 0)) {
    yield { code: 'schema', message: `route '${name}' has no text`, remedy: 'Add "route", or remove the entry.', path };
  }
}
