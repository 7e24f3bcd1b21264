import { ConfigError } from '@edgeveil/contracts';
import { compileRoute, type Route, type RouteSpec } from '../routing/route.ts';

/**
 * Compiles all routes. One bad route stops them all, as on a real device, so every bad one is named with its place.
 * @throws ConfigError EDGE_ROUTE_INVALID
 */
export function compileRoutes(specs: readonly RouteSpec[], deviceId: string): Route[] {
  const routes: Route[] = [];
  const problems: string[] = [];
  for (const spec of specs) {
    const result = compileRoute(spec, deviceId);
    if (result.ok) routes.push(result.route);
    else {
      for (const { message, start } of result.problems) {
        problems.push(`route '${spec.name}' ${start.line}:${start.column}: ${message}`);
      }
    }
  }
  if (problems.length > 0) {
    throw new ConfigError('EDGE_ROUTE_INVALID', problems.join('\n'), { details: { problems } });
  }
  return routes;
}
