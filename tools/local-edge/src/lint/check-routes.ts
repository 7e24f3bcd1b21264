import type { RouteProblem } from '../routing/position.ts';
import { type AnalysedRoute, analyseRoutes } from './analyse-routes.ts';
import { checkConditions } from './check-conditions.ts';
import { checkLoops } from './check-loops.ts';
import { checkSources } from './check-sources.ts';
import type { Remark } from './finding.ts';
import type { LintContext } from './lint-context.ts';
import { offsetAt } from './offset-at.ts';
import { remedyForSyntax, remedyForType } from './route-remedies.ts';

/** Each route by itself, and all of them together. */
export function* checkRoutes(context: LintContext): Generator<Remark> {
  const routes = analyseRoutes(context.routes);
  for (const route of routes) {
    yield* checkLanguage(route);
    yield* checkConditions(route);
  }
  yield* checkSources(routes, context);
  yield* checkEndpoints(routes, context);
  yield* checkDuplicates(routes);
  yield* checkLoops(routes, context);
  if (!context.isLayer && routes.length > 0 && !routes.some(({ endpoint }) => endpoint?.kind === 'upstream')) {
    yield {
      code: 'upstream-missing',
      message: 'no route leads to $upstream: nothing reaches IoT Hub',
      remedy: 'Add FROM … INTO $upstream where something is meant to.',
      path: `${context.hubPath}/routes`,
      atKey: true,
    };
  }
}

function* checkLanguage(route: AnalysedRoute): Generator<Remark> {
  const { name, text, textPath: path } = route;
  const comment = commentIn(text);
  if (comment !== undefined) {
    yield {
      code: 'route-comment',
      message: `route '${name}': from /* to the next */ is a comment to edgeHub, also inside a text in quotes`,
      remedy: 'Write /messages for /messages/*, which means the same, or avoid */ further on.',
      path,
      span: comment,
    };
  }
  for (const problem of route.syntax) {
    const span = { start: offsetAt(text, problem.start), end: offsetAt(text, problem.end) };
    yield {
      code: 'route-syntax',
      message: `route '${name}': ${problem.message}`,
      remedy: remedyForSyntax(text, span),
      path,
      span,
    };
  }
  for (const problem of withoutFollowing(route.types)) {
    const span = { start: offsetAt(text, problem.start), end: offsetAt(text, problem.end) };
    yield {
      code: 'route-type',
      message: `route '${name}': ${problem.message}`,
      remedy: remedyForType(route, problem, span),
      path,
      span,
    };
  }
  if (route.sinkProblem !== undefined) {
    yield {
      code: 'route-sink',
      message: `route '${name}': ${route.sinkProblem}`,
      remedy: 'Write INTO $upstream or INTO BrokeredEndpoint("/modules/MODULE/inputs/INPUT").',
      path,
      ...(route.parsed === undefined ? {} : { span: route.parsed.sinkSpan }),
    };
  }
  const ignored = route.parsed?.ignoredText ?? '';
  if (ignored !== '') {
    yield {
      code: 'route-text-after-sink',
      message: `route '${name}': edgeHub passes over what follows the sink`,
      remedy: /^where\b/i.test(ignored) ? 'Put WHERE … before INTO.' : 'Remove it.',
      path,
      span: { start: text.indexOf(ignored, route.parsed?.sinkSpan.end), end: text.trimEnd().length },
    };
  }
}

// What fails counts as undefined from there on, and edgeHub complains of that again.
function withoutFollowing(problems: readonly RouteProblem[]): readonly RouteProblem[] {
  return problems.filter(
    ({ message }, index) => index === 0 || !/have (?:'undefined'|.* and 'undefined')/.test(message),
  );
}

function commentIn(text: string): { start: number; end: number } | undefined {
  const match = /\/\*[\s\S]*?\*\//.exec(text);
  return match === null ? undefined : { start: match.index, end: match.index + match[0].length };
}

function* checkEndpoints(routes: readonly AnalysedRoute[], context: LintContext): Generator<Remark> {
  if (context.isLayer) return;
  const statuses = new Map(context.modules.map(({ name, value }) => [name, value]));
  for (const { name, endpoint, parsed, textPath: path } of routes) {
    if (endpoint?.kind !== 'module' || parsed === undefined) continue;
    const span = parsed.sinkSpan;
    const module = statuses.get(endpoint.module);
    if (module === undefined) {
      yield {
        code: 'endpoint-module-unknown',
        message: `route '${name}' leads to module '${endpoint.module}', which the deployment does not have: messages wait until they expire`,
        remedy: 'Correct the name (letters’ case counts), or add the module.',
        path,
        span,
      };
    } else if (typeof module === 'object' && module !== null && 'status' in module && module.status === 'stopped') {
      yield {
        code: 'endpoint-module-stopped',
        message: `route '${name}' leads to module '${endpoint.module}', whose status is stopped: messages wait until they expire`,
        remedy: 'Start the module, or remove the route.',
        path,
        span,
      };
    }
  }
}

function* checkDuplicates(routes: readonly AnalysedRoute[]): Generator<Remark> {
  const known = new Map<string, string>();
  for (const { name, prefix, endpoint, parsed, textPath: path } of routes) {
    if (prefix === undefined || endpoint === undefined || parsed === undefined) continue;
    const key = JSON.stringify([prefix, endpoint.id, parsed.conditionText.replace(/\s+/g, ' ')]);
    const earlier = known.get(key);
    if (earlier === undefined) known.set(key, name);
    else {
      yield {
        code: 'route-duplicate',
        message: `route '${name}' says the same as '${earlier}'; an endpoint gets one copy of a message`,
        remedy: 'Remove one; the one with the lower priority number decides.',
        path,
      };
    }
  }
}
