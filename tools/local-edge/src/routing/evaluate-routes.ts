import type { Endpoint } from './endpoint.ts';
import type { Route } from './route.ts';
import { matchesSource, messageSourceOf } from './source.ts';
import type { RoutableMessage } from './value.ts';

/** One copy of a message and where it goes. */
export interface RouteResult {
  readonly endpoint: Endpoint;
  readonly priority: number;
  /** 0 means the hub's own time to live. */
  readonly timeToLiveSecs: number;
  /** The names of all routes that took the message to this endpoint; the first is the one whose priority and time to live count. */
  readonly routes: readonly string[];
}

/** Asks every route; yields one result for each endpoint, from its matching route with the lowest priority number (Evaluator.cs). */
export function evaluateRoutes(
  routes: Iterable<Pick<Route, 'name' | 'sourcePrefix' | 'matches' | 'endpoint' | 'priority' | 'timeToLiveSecs'>>,
  message: RoutableMessage,
  messageSource = messageSourceOf(message),
): RouteResult[] {
  const results = new Map<string, RouteResult>();
  for (const route of routes) {
    if (!matchesSource(route.sourcePrefix, messageSource)) continue;
    if (route.matches(message) !== true) continue;
    const { endpoint, priority, timeToLiveSecs, name } = route;
    const known = results.get(endpoint.id);
    if (known === undefined) results.set(endpoint.id, { endpoint, priority, timeToLiveSecs, routes: [name] });
    else if (known.priority <= priority) results.set(endpoint.id, { ...known, routes: [...known.routes, name] });
    else results.set(endpoint.id, { endpoint, priority, timeToLiveSecs, routes: [name, ...known.routes] });
  }
  return [...results.values()];
}
