import type { AnalysedRoute } from './analyse-routes.ts';
import type { Remark } from './finding.ts';
import type { LintContext } from './lint-context.ts';

interface Edge {
  readonly route: AnalysedRoute;
  readonly from: string;
  readonly to: string;
  /** The route names one output, so that whoever wrote it may have meant the circle: a question and its answer. */
  readonly isNarrow: boolean;
}

/** Circles of routes, in which a message may run for ever: edgeHub does not look for them. */
export function* checkLoops(routes: readonly AnalysedRoute[], { modules }: LintContext): Generator<Remark> {
  const names = modules.filter(({ isSystem }) => !isSystem).map(({ name }) => name);
  const senders = new Set(routes.flatMap(({ prefix }) => narrowSender(prefix) ?? []));
  const edges = routes.flatMap((route) => edgesOf(route, names));
  const told = new Set<string>();
  for (const edge of edges) {
    const circle = circleFrom(edge, edges);
    if (circle === undefined) continue;
    const key = circle
      .map(({ to }) => to)
      .sort()
      .join('/');
    if (told.has(key)) continue;
    told.add(key);
    const path = [edge.from, ...circle.map(({ to }) => to)].join(' → ');
    // A module that only listens turns nothing round; whether it sends is known from the routes alone.
    const isSure =
      circle.some(({ isNarrow }) => !isNarrow) && circle.every(({ from }) => senders.has(from.toLowerCase()));
    yield {
      code: isSure ? 'route-loop' : 'route-loop-possible',
      message: `${routeNames(circle)}: messages can run in a circle, ${path}`,
      remedy: 'Name the output in FROM, or tell the messages apart in WHERE.',
      path: edge.route.textPath,
    };
  }
}

function edgesOf(route: AnalysedRoute, modules: readonly string[]): readonly Edge[] {
  const { endpoint, prefix, constant } = route;
  if (endpoint?.kind !== 'module' || prefix === undefined || route.types.length > 0) return [];
  if (constant === false || constant === 'undefined') return [];
  const isNarrow = /^\/messages\/modules\/[^/]+\/outputs\/[^/]+\/$/.test(prefix);
  return modules
    .filter(
      (module) =>
        `/messages/modules/${module.toLowerCase()}/`.startsWith(prefix) ||
        narrowSender(prefix) === module.toLowerCase(),
    )
    .map((from) => ({ route, from, to: endpoint.module, isNarrow }));
}

function narrowSender(prefix: string | undefined): string | undefined {
  return /^\/messages\/modules\/([^/]+)\//.exec(prefix ?? '')?.[1];
}

// The shortest way back to where an edge starts.
function circleFrom(start: Edge, edges: readonly Edge[]): readonly Edge[] | undefined {
  const queue: (readonly Edge[])[] = [[start]];
  const seen = new Set([start.to]);
  for (let way = queue.shift(); way !== undefined; way = queue.shift()) {
    const end = way.at(-1)?.to;
    if (end === start.from) return way;
    for (const edge of edges) {
      if (edge.from !== end || seen.has(edge.to)) continue;
      seen.add(edge.to);
      queue.push([...way, edge]);
    }
  }
  return undefined;
}

function routeNames(circle: readonly Edge[]): string {
  return [...new Set(circle.map(({ route }) => `'${route.name}'`))].join(', ');
}
