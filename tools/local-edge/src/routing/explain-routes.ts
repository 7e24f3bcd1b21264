import { evaluateRoutes } from './evaluate-routes.ts';
import type { RouteProblem } from './position.ts';
import { compileRoute, type Route, type RouteSpec } from './route.ts';
import { matchesSource, messageSourceOf } from './source.ts';
import type { RoutableMessage } from './value.ts';

/** Why a route takes a message or leaves it. */
export type RouteReason =
  | 'taken'
  /** It takes the message, and another route to the same endpoint decides priority and time to live. */
  | 'outranked'
  | 'other-source'
  | 'condition-false'
  | 'condition-undefined'
  | 'compile-error';

export interface RouteExplanation {
  readonly name: string;
  readonly text: string;
  readonly reason: RouteReason;
  /** Where the route leads; unknown for one that does not compile. */
  readonly endpoint?: string;
  readonly problems?: readonly RouteProblem[];
}

/** What every route of a deployment says of one message. */
export function explainRoutes(
  specs: readonly RouteSpec[],
  message: RoutableMessage,
  deviceId: string,
): readonly RouteExplanation[] {
  const source = messageSourceOf(message);
  const compiled = specs.map((spec) => ({ spec, result: compileRoute(spec, deviceId) }));
  const routes = compiled.flatMap(({ result }) => (result.ok ? [result.route] : []));
  const deciding = new Set(evaluateRoutes(routes, message, source).map(({ routes: [first] }) => first));
  return compiled.map(({ spec: { name, text }, result }) => {
    if (!result.ok) return { name, text, reason: 'compile-error', problems: result.problems };
    const reason = reasonOf(result.route, message, source);
    const endpoint = result.route.endpoint.id;
    return { name, text, endpoint, reason: reason === 'taken' && !deciding.has(name) ? 'outranked' : reason };
  });
}

function reasonOf(route: Route, message: RoutableMessage, source: string): RouteReason {
  if (!matchesSource(route.sourcePrefix, source)) return 'other-source';
  const verdict = route.matches(message);
  if (verdict === undefined) return 'condition-undefined';
  return verdict ? 'taken' : 'condition-false';
}
