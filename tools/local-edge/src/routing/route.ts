import { compileCondition } from './compile/compile-condition.ts';
import { type Endpoint, endpointOf } from './endpoint.ts';
import { parseRoute } from './parse/parse-route.ts';
import { problemAt, type RouteProblem } from './position.ts';
import { sourcePrefix } from './source.ts';
import type { RoutableMessage } from './value.ts';

/** A route as the manifest has it. */
export interface RouteSpec {
  readonly name: string;
  readonly text: string;
  /** 0 is the highest. */
  readonly priority: number;
  /** 0 means the hub's own time to live. */
  readonly timeToLiveSecs: number;
}

/** A route that is ready to be asked. */
export interface Route extends RouteSpec {
  readonly sourcePrefix: string;
  readonly endpoint: Endpoint;
  /** True when the message is to be routed; false and undefined both mean that it is not. */
  readonly matches: (message: RoutableMessage) => boolean | undefined;
  /** What follows the sink, which edgeHub ignores. */
  readonly ignoredText: string;
}

export type CompiledRoute =
  | { readonly ok: true; readonly route: Route }
  | { readonly ok: false; readonly problems: readonly RouteProblem[] };

/** Parses and compiles one route. */
export function compileRoute(spec: RouteSpec, deviceId: string): CompiledRoute {
  const parsed = parseRoute(spec.text);
  if (!parsed.ok) return parsed;
  const { source, condition, sink, sinkSpan, ignoredText } = parsed.value;
  const endpoint = endpointOf(sink, deviceId);
  if ('error' in endpoint) {
    return { ok: false, problems: [problemAt(spec.text, sinkSpan, endpoint.error)] };
  }
  const compiled = compileCondition(condition, spec.text);
  if (!compiled.ok) return compiled;
  return {
    ok: true,
    route: { ...spec, sourcePrefix: sourcePrefix(source), endpoint, matches: compiled.matches, ignoredText },
  };
}
