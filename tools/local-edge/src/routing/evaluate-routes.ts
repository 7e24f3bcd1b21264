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
}

/** Asks every route; yields one result for each endpoint, from its matching route with the lowest priority number (Evaluator.cs). */
export function evaluateRoutes(
  routes: Iterable<Pick<Route, 'sourcePrefix' | 'matches' | 'endpoint' | 'priority' | 'timeToLiveSecs'>>,
  message: RoutableMessage,
  messageSource = messageSourceOf(message),
): RouteResult[] {
  const results = new Map<string, RouteResult>();
  for (const route of routes) {
    if (!matchesSource(route.sourcePrefix, messageSource)) continue;
    const known = results.get(route.endpoint.id);
    if (known !== undefined && known.priority <= route.priority) continue;
    if (route.matches(message) !== true) continue;
    const { endpoint, priority, timeToLiveSecs } = route;
    results.set(endpoint.id, { endpoint, priority, timeToLiveSecs });
  }
  return [...results.values()];
}
