import { compileCondition } from '../routing/compile/compile-condition.ts';
import { type Endpoint, endpointOf } from '../routing/endpoint.ts';
import type { Expression } from '../routing/parse/expression.ts';
import { type ParsedRoute, parseRoute } from '../routing/parse/parse-route.ts';
import type { RouteProblem } from '../routing/position.ts';
import { sourcePrefix } from '../routing/source.ts';
import type { StaticType } from '../routing/value.ts';
import type { LintRoute } from './lint-context.ts';

/** A route with a text, as far as it can be understood. */
export interface AnalysedRoute extends LintRoute {
  readonly text: string;
  readonly syntax: readonly RouteProblem[];
  readonly types: readonly RouteProblem[];
  readonly parsed?: ParsedRoute;
  readonly sinkProblem?: string;
  readonly endpoint?: Endpoint;
  /** In lower case, ending in `/`. */
  readonly prefix?: string;
  readonly conditionType?: StaticType;
  /** What the condition is for every message, where it asks for nothing of one. */
  readonly constant?: boolean | 'undefined';
}

const noMessage = { properties: new Map(), systemProperties: new Map(), body: Buffer.alloc(0) };

/** Parses and compiles every route; what fails in one leaves the others alone. */
export function analyseRoutes(routes: readonly LintRoute[]): readonly AnalysedRoute[] {
  return routes.flatMap((route) => (route.text ? [analyse({ ...route, text: route.text })] : []));
}

function analyse(route: LintRoute & { readonly text: string }): AnalysedRoute {
  const result = parseRoute(route.text);
  if (!result.ok) return { ...route, syntax: result.problems, types: [] };
  const parsed = result.value;
  const endpoint = endpointOf(parsed.sink, 'device');
  const compiled = compileCondition(parsed.condition, route.text);
  return {
    ...route,
    syntax: [],
    types: compiled.ok ? [] : compiled.problems,
    parsed,
    prefix: sourcePrefix(parsed.source).toLowerCase(),
    ...('error' in endpoint ? { sinkProblem: endpoint.error } : { endpoint }),
    ...(compiled.ok ? { conditionType: compiled.type } : {}),
    ...(compiled.ok && isConstant(parsed.condition) ? { constant: compiled.matches(noMessage) ?? 'undefined' } : {}),
  };
}

/** All expressions of a tree, itself first. */
export function* expressionsOf(expression: Expression): Generator<Expression> {
  yield expression;
  switch (expression.kind) {
    case 'unary':
      yield* expressionsOf(expression.operand);
      break;
    case 'binary':
      yield* expressionsOf(expression.left);
      yield* expressionsOf(expression.right);
      break;
    case 'call':
      for (const argument of expression.arguments) yield* expressionsOf(argument);
      break;
    default:
  }
}

function isConstant(expression: Expression): boolean {
  for (const { kind } of expressionsOf(expression)) if (kind === 'property' || kind === 'system') return false;
  return true;
}
