import { RejectedError } from '@edgeveil/contracts';
import type { EdgeEvents } from '../events.ts';
import type { LocalEdge } from '../local-edge.ts';
import { compileCondition } from '../routing/compile/compile-condition.ts';
import { parseWholeCondition } from '../routing/parse/parse-route.ts';
import type { RoutableMessage } from '../routing/value.ts';
import type { MonitorFilter } from './control-api.ts';
import { LineStream } from './line-stream.ts';
import { monitoredMessage } from './message-json.ts';

/**
 * The messages of an edge from now on that pass a filter.
 * @throws RejectedError EDGE_MONITOR_FILTER_INVALID for a condition that does not compile, or a route that there is not
 */
export function monitorMessages(edge: LocalEdge, filter: MonitorFilter): LineStream {
  const passes = compileFilter(edge, filter);
  const lines = new LineStream();
  const listener = (...[event]: EdgeEvents['message']) => {
    if (passes(event)) lines.write(monitoredMessage(event.message, event.results, new Date()));
  };
  edge.events.on('message', listener);
  lines.readable.once('close', () => edge.events.off('message', listener));
  return lines;
}

type MessageEvent = EdgeEvents['message'][0];

function compileFilter(
  edge: LocalEdge,
  { routes, modules, condition }: MonitorFilter,
): (event: MessageEvent) => boolean {
  const unknown = routes?.find((name) => !edge.routes.some((route) => route.name === name));
  if (unknown !== undefined) {
    const known = edge.routes.map(({ name }) => name).join(', ');
    throw new RejectedError('EDGE_MONITOR_FILTER_INVALID', `no route '${unknown}'; there are ${known || 'none'}`);
  }
  const matches = condition === undefined ? undefined : compile(condition);
  return ({ message, results }) => {
    if (routes !== undefined && !results.some((result) => result.routes.some((name) => routes.includes(name))))
      return false;
    if (modules !== undefined) {
      const { systemProperties } = message;
      const from = systemProperties.get('rpSenderModuleId') ?? systemProperties.get('connectionModuleId') ?? '';
      const isTo = results.some(({ endpoint }) => endpoint.kind === 'module' && modules.includes(endpoint.module));
      if (!modules.includes(from) && !isTo) return false;
    }
    return matches === undefined || matches(message) === true;
  };
}

function compile(condition: string): (message: RoutableMessage) => boolean | undefined {
  const parsed = parseWholeCondition(condition);
  const compiled = parsed.ok ? compileCondition(parsed.value, condition) : parsed;
  if (compiled.ok) return compiled.matches;
  const problems = compiled.problems.map(({ message, start }) => `${start.line}:${start.column}: ${message}`);
  throw new RejectedError('EDGE_MONITOR_FILTER_INVALID', `the filter does not compile: ${problems.join('; ')}`);
}
