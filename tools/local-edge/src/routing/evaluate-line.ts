import { compileCondition } from './compile/compile-condition.ts';
import { parseCondition } from './parse/parse-route.ts';
import type { RouteProblem } from './position.ts';
import { readTestMessage } from './read-test-message.ts';
import { compileRoute } from './route.ts';
import { matchesSource, messageSourceOf, sourcePrefix } from './source.ts';
import type { RoutableMessage } from './value.ts';

/** What a route or condition says of a message. Places start at 1 and belong to the route's text, or to the line when it is no good. */
export interface LineVerdict {
  readonly result: boolean | 'undefined' | 'compile-error' | 'invalid-line';
  readonly error?: { readonly message: string; readonly line: number; readonly column: number };
}

/**
 * Evaluates one line of JSON: `{"condition"|"route", "message"}`. A condition stands alone; with `from` beginning with `/` it applies to
 * messages from there only. A route is true when it takes the message, its source included. Never throws.
 */
export function evaluateLine(line: string): LineVerdict {
  let given: unknown;
  try {
    given = JSON.parse(line);
  } catch (error) {
    return invalid(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return invalid('not a JSON object');
  const { condition, route, message, from }: Readonly<Record<string, unknown>> = { ...given };
  const read = readTestMessage(message ?? {});
  if ('error' in read) return invalid(read.error);
  if (typeof condition === 'string') {
    return evaluateCondition(
      condition,
      typeof from === 'string' && from.startsWith('/') ? from : undefined,
      read.message,
    );
  }
  if (typeof route === 'string') return evaluateRoute(route, read.message);
  return invalid('neither "condition" nor "route" is a text');
}

function evaluateCondition(text: string, from: string | undefined, message: RoutableMessage): LineVerdict {
  const parsed = parseCondition(text);
  if (!parsed.ok) return refused(parsed.problems);
  const compiled = compileCondition(parsed.value, text);
  if (!compiled.ok) return refused(compiled.problems);
  if (from !== undefined && !matchesSource(sourcePrefix(from), messageSourceOf(message))) return { result: false };
  return { result: compiled.matches(message) ?? 'undefined' };
}

function evaluateRoute(text: string, message: RoutableMessage): LineVerdict {
  const compiled = compileRoute({ name: 'route', text, priority: 0, timeToLiveSecs: 0 }, 'edge');
  if (!compiled.ok) return refused(compiled.problems);
  const { sourcePrefix: prefix, matches } = compiled.route;
  return { result: matchesSource(prefix, messageSourceOf(message)) ? (matches(message) ?? 'undefined') : false };
}

function refused([first]: readonly RouteProblem[]): LineVerdict {
  const { message, start } = first ?? { message: 'Syntax error.', start: { line: 1, column: 1 } };
  return { result: 'compile-error', error: { message, ...start } };
}

function invalid(message: string): LineVerdict {
  return { result: 'invalid-line', error: { message, line: 1, column: 1 } };
}
