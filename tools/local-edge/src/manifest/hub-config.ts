import { ConfigError } from '@edgeveil/contracts';
import { z } from 'zod';
import { defaultPriority } from '../routing/endpoint.ts';
import type { RouteSpec } from '../routing/route.ts';
import { describeIssues } from './describe-issues.ts';

/** What `$edgeHub`'s desired properties say. */
export interface HubConfig {
  readonly routes: readonly RouteSpec[];
  /** Negative: for ever. */
  readonly timeToLiveSecs: number;
}

const routeName = /^[^.$# ]+$/;
const defaultTimeToLiveSecs = 7200;

const routeObject = z.object({
  route: z.string().min(1, 'the route has no text'),
  priority: z.int().min(0).max(9).optional(),
  timeToLiveSecs: z.int().min(0).max(4_294_967_295).optional(),
});

const storeAndForward = z.object({
  timeToLiveSecs: z
    .int()
    .min(-(2 ** 31))
    .max(2 ** 31 - 1),
});

const desired10 = z.object({
  routes: z.record(z.string(), z.string().nullable()).default({}),
  storeAndForwardConfiguration: storeAndForward.optional(),
});

const desired11 = z.object({
  routes: z.record(z.string(), z.union([z.string().min(1, 'the route has no text'), routeObject]).nullable()),
  storeAndForwardConfiguration: storeAndForward,
});

/**
 * Reads `$edgeHub`'s desired properties by the rules of their schema version (EdgeHubConfigParser.cs). Routes are not compiled here.
 * @throws ConfigError EDGE_MANIFEST_INVALID
 */
export function parseHubConfig(desired: unknown): HubConfig {
  const version = schemaVersion(desired);
  const parsed = (version === 0 ? desired10 : desired11).safeParse(desired);
  if (!parsed.success) throw invalid(describeIssues(parsed.error, desired), parsed.error);
  const routes: RouteSpec[] = [];
  for (const [name, value] of Object.entries(parsed.data.routes)) {
    // Schema 1.0 skips empty texts; null stands for a route that a patch has removed.
    if (value === null || value === '') continue;
    if (!routeName.test(name)) throw invalid(`'${name}' is not a route name`);
    const route = typeof value === 'string' ? { route: value } : value;
    routes.push({
      name,
      text: route.route,
      priority: ('priority' in route ? route.priority : undefined) ?? defaultPriority,
      timeToLiveSecs: ('timeToLiveSecs' in route ? route.timeToLiveSecs : undefined) ?? 0,
    });
  }
  return {
    routes,
    timeToLiveSecs: parsed.data.storeAndForwardConfiguration?.timeToLiveSecs ?? defaultTimeToLiveSecs,
  };
}

// A .NET Version, so that "1" alone is none; same major version only. @returns the minor version
function schemaVersion(desired: unknown): number {
  const text = z.object({ schemaVersion: z.string() }).safeParse(desired).data?.schemaVersion ?? '';
  const match = /^(\d+)\.(\d+)(?:\.\d+){0,2}$/.exec(text);
  if (match === null || match[1] !== '1')
    throw invalid(`$edgeHub: schemaVersion '${text}' is not supported, it must be '1.0', '1.1', '1.2' or '1.3'`);
  return Number(match[2]);
}

function invalid(message: string, cause?: unknown): ConfigError {
  return new ConfigError('EDGE_MANIFEST_INVALID', `$edgeHub's desired properties are invalid: ${message}`, { cause });
}
