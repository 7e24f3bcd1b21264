import type { Expression } from '../routing/parse/expression.ts';
import { type AnalysedRoute, expressionsOf } from './analyse-routes.ts';
import type { Remark } from './finding.ts';

// edgeHub's SystemProperties.cs, as a condition names them.
const systemProperties =
  `connectionDeviceId connectionModuleId outputName messageId cid userId to contentType contentEncoding
  messageSchema creationTime messageType edgeMessageId edgeHubOriginInterface enqueuedTime absolute-expiry-time iothub-interface-id
  dt-subject ack operation rpSenderDeviceId rpSenderModuleId`.split(/\s+/);
const known = new Set(systemProperties.map((name) => name.toLowerCase()));

/** What a condition that compiles does otherwise than it reads. */
export function* checkConditions(route: AnalysedRoute): Generator<Remark> {
  const { name, parsed, textPath: path } = route;
  if (parsed === undefined || route.conditionType === undefined) return;
  const remark = (code: Remark['code'], expression: Expression, message: string, remedy: string): Remark => ({
    code,
    message: `route '${name}': ${message}`,
    remedy,
    path,
    span: expression.span,
  });
  yield* checkVerdict(route, remark);
  const guarded = guardedPaths(parsed.condition);
  let asksBody: Expression | undefined;
  for (const expression of expressionsOf(parsed.condition)) {
    if (isBody(expression)) asksBody ??= expression;
    else if (expression.kind === 'system' && !known.has(expression.name.toLowerCase())) {
      yield remark('system-property', expression, unknownProperty(expression.name), remedyFor(expression.name));
    }
    if (expression.kind === 'call' && expression.name.toLowerCase() === 'is_null' && isBody(expression.arguments[0])) {
      const message =
        'is_null of a body path is the wrong way round in edgeHub: true for what is there, false for what is missing';
      yield remark('body-is-null', expression, message, 'Write $body.x = null.');
    }
    yield* checkMissing(expression, guarded, remark);
  }
  if (asksBody === undefined) return;
  if (route.prefix?.startsWith('/twinchangenotifications/')) {
    const message = 'a twin change has no content type, so that $body is always undefined and the route never matches';
    yield remark('body-twin-change', asksBody, message, 'Ask for system properties such as $rpSenderModuleId.');
  } else {
    const message =
      '$body can be read only if the sender sets contentType application/json and contentEncoding utf-8; the SDKs set neither';
    yield remark('body-content-type', asksBody, message, 'Set both on the message in the sending module.');
  }
}

type MakeRemark = (code: Remark['code'], expression: Expression, message: string, remedy: string) => Remark;

function* checkVerdict({ parsed, constant, conditionType }: AnalysedRoute, remark: MakeRemark): Generator<Remark> {
  if (parsed === undefined || parsed.condition.span.end === 0) return;
  if (constant === true) {
    yield remark('route-always', parsed.condition, 'the condition is true for every message', 'Leave WHERE out.');
  } else if (constant !== undefined) {
    yield remark(
      'route-never',
      parsed.condition,
      `the condition is ${constant} for every message`,
      'Correct the condition.',
    );
  } else if (conditionType !== 'bool' && conditionType !== 'body') {
    const message = `the condition is a ${conditionType}, which never routes a message`;
    yield remark('route-never', parsed.condition, message, 'Compare it with something: x = ’…’, or is_defined(x).');
  }
}

// Different kinds order bool < number < string < null, and a path that is absent is null.
function* checkMissing(expression: Expression, guarded: ReadonlySet<string>, remark: MakeRemark): Generator<Remark> {
  if (expression.kind !== 'binary') return;
  const { operator, left, right } = expression;
  const [body, literal, operators] = isBody(left)
    ? [left, right, ['>', '>=', '<>', '!=']]
    : [right, left, ['<', '<=', '<>', '!=']];
  if (body.kind !== 'system' || !isBody(body) || !operators.includes(operator)) return;
  const kind = kindOf(literal);
  if (kind === undefined || guarded.has(body.name.toLowerCase())) return;
  const name = `$${body.name}`;
  const message = `this is true as well when the body has no ${name}, which counts as more than any value`;
  yield remark('body-missing', expression, message, `Add AND is_${kind}(${name}).`);
}

// The body paths whose kind the condition asks for.
function guardedPaths(condition: Expression): ReadonlySet<string> {
  const names = new Set<string>();
  for (const expression of expressionsOf(condition)) {
    if (expression.kind !== 'call' || !/^is_(?:number|string|bool)$/i.test(expression.name)) continue;
    const [argument] = expression.arguments;
    if (argument?.kind === 'system') names.add(argument.name.toLowerCase());
  }
  return names;
}

function kindOf(literal: Expression): 'number' | 'string' | 'bool' | undefined {
  if (literal.kind === 'number' || literal.kind === 'string' || literal.kind === 'bool') return literal.kind;
  return literal.kind === 'unary' && literal.operator === '-' ? 'number' : undefined;
}

function isBody(expression: Expression | undefined): boolean {
  return expression?.kind === 'system' && /^body\./i.test(expression.name);
}

function unknownProperty(name: string): string {
  return `no message has a system property '${name}'`;
}

function remedyFor(name: string): string {
  switch (name.toLowerCase()) {
    case 'correlationid':
      return 'The correlation id is $cid.';
    case 'inputname':
      return 'Messages are routed by their output, $outputName; the input is the route’s sink.';
    case 'body':
      return 'Name a path: $body.x.';
    case 'devicename':
    case 'deviceid':
    case 'device':
      return 'The sender is $connectionDeviceId.';
    case 'moduleid':
    case 'modulename':
      return 'The sender is $connectionModuleId.';
    default:
      return /^twin\b/i.test(name)
        ? 'edgeHub has no queries of twins.'
        : `An application property is written without $: ${name}. System properties are ${systemProperties.slice(0, 10).join(', ')}, ….`;
  }
}
