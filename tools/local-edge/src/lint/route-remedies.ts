import type { RouteProblem, Span } from '../routing/position.ts';
import { type AnalysedRoute, expressionsOf } from './analyse-routes.ts';

/** What to do about a route that does not parse, by what stands at the place. */
export function remedyForSyntax(text: string, { start }: Span): string {
  const before = text.slice(Math.max(0, start - 1), start);
  const at = text.slice(start);
  if (before === '=' && at.startsWith('=')) return 'Write = for equal.';
  if (at.startsWith('=') && text[start + 1] === '=') return 'Write = for equal.';
  if (at.startsWith('&&')) return 'Write AND.';
  if (/^-?\d/.test(at)) return 'Put blanks around operators: 3 -4 is two numbers.';
  if (/^[+\-*/%]/.test(at)) return 'Put blanks around operators.';
  if (!/\binto\b/i.test(text)) return 'End the route with INTO $upstream or INTO BrokeredEndpoint("…").';
  if (!/^\s*(?:select\b|from\b)/i.test(text)) return 'Begin the route with FROM /….';
  if (/\bfrom\s+\/?(?:into|where)?\s*$/i.test(text.slice(0, start)) || /^\s*(?:into|where)\b/i.test(at)) {
    return 'A source is /* or /messages/…, with no slash at its end; names in it may not be numbers or words of the language.';
  }
  return 'Correct it here: FROM /source [WHERE condition] INTO sink.';
}

/** What to do about operands that do not go together. */
export function remedyForType(route: AnalysedRoute, { message }: RouteProblem, span: Span): string {
  const { operator, left, right } = operandsAt(route, span);
  if (/unary operator '(?:not|NOT)'/i.test(message)) return 'NOT binds tightest: write NOT (a = b).';
  if (/have 'string' and 'number'|have 'number' and 'string'/.test(message)) {
    const property = left?.kind === 'property' || left?.kind === 'system' ? left : right;
    const name =
      property?.kind === 'property' ? property.name : property?.kind === 'system' ? `$${property.name}` : 'x';
    return `A property is a text: write as_number(${name}), or compare with a text.`;
  }
  if (/have '(?:string|number|bool)' and 'null'|have 'string' and 'undefined'/.test(message)) {
    return 'Write is_null(x), or NOT is_defined(x).';
  }
  if (operator === 'AND' || operator === 'OR') return 'Write $body.flag = true, and a comparison on either side.';
  if (/'\+'/.test(message)) return 'Write || to join texts.';
  if (/Invalid built-in function '([^']*)'/.test(message))
    return 'See the list of functions in the documentation of routes.';
  if (/\$body query|Error in \$body/.test(message)) return 'A path is $body.name.name[0].name.';
  if (/'undefined'/.test(message)) return 'This follows from the problem before it.';
  return 'Both sides must be of one type; nothing is converted.';
}

function operandsAt(route: AnalysedRoute, span: Span) {
  if (route.parsed !== undefined) {
    for (const expression of expressionsOf(route.parsed.condition)) {
      if (expression.kind === 'binary' && expression.span.start === span.start) return expression;
    }
  }
  return { operator: undefined, left: undefined, right: undefined };
}
