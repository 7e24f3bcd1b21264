import { parseBodyPath } from './body-path.ts';
import { bodyValue, isBodyPathAbsent } from './body-value.ts';
import { compileBinary } from './compile-binary.ts';
import type { Expression } from './expression.ts';
import { compileCall } from './functions.ts';
import { applicationProperty, systemProperty } from './message-properties.ts';
import { problemAt, type RouteProblem, type Span } from './position.ts';
import type { Compiled, RoutableMessage, StaticType } from './value.ts';

/** Collects what is wrong while a condition is compiled, so that all of it is reported at once. */
export interface CompileContext {
  /** Notes a problem; the expression counts as undefined from there on. */
  fail(span: Span, message: string): Compiled;
  compile(expression: Expression): Compiled;
}

export type Condition =
  | {
      readonly ok: true;
      readonly type: StaticType;
      readonly matches: (message: RoutableMessage) => boolean | undefined;
      readonly compiled: Compiled;
    }
  | { readonly ok: false; readonly problems: readonly RouteProblem[] };

/** Gives every part of a condition its static type and turns it into a closure. `text` is what the spans refer to. */
export function compileCondition(expression: Expression, text: string): Condition {
  const problems: RouteProblem[] = [];
  const context: CompileContext = {
    fail(span, message) {
      problems.push(problemAt(text, span, message));
      return { type: 'undefined', evaluate: () => undefined };
    },
    compile: (inner) => compile(inner, context),
  };
  const compiled = compile(expression, context);
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, type: compiled.type, matches: truthOf(compiled), compiled };
}

// A bare string, number or undefined never matches; a bare null is false; a body matches if it is JSON true.
function truthOf({ type, evaluate }: Compiled): (message: RoutableMessage) => boolean | undefined {
  switch (type) {
    case 'bool':
    case 'body':
      return (message) => {
        const value = evaluate(message);
        return typeof value === 'boolean' ? value : undefined;
      };
    case 'null':
      return () => false;
    case 'string':
    case 'number':
    case 'undefined':
      return () => undefined;
  }
}

function compile(expression: Expression, context: CompileContext): Compiled {
  switch (expression.kind) {
    case 'string':
    case 'number':
    case 'bool': {
      const { kind, value } = expression;
      return { type: kind, evaluate: () => value };
    }
    case 'null':
      return { type: 'null', evaluate: () => null };
    case 'undefined':
      return { type: 'undefined', evaluate: () => undefined };
    case 'property': {
      const { name } = expression;
      return { type: 'string', evaluate: (message) => applicationProperty(message, name) };
    }
    case 'system':
      return compileSystem(expression.name, expression.isBraced, expression.span, context);
    case 'unary':
      return compileUnary(expression, context);
    case 'binary':
      return compileBinary(expression, context);
    case 'call':
      return compileCall(expression, context);
  }
}

function compileSystem(name: string, isBraced: boolean, span: Span, context: CompileContext): Compiled {
  if (/^body\./i.test(name)) return compileBody(name, isBraced, span, context);
  if (isBraced) return { type: 'string', evaluate: (message) => systemProperty(message, name) };
  return {
    type: 'string',
    evaluate: (message) => {
      const own = applicationProperty(message, `$${name}`);
      return own === undefined ? systemProperty(message, name) : own;
    },
  };
}

function compileBody(name: string, isBraced: boolean, span: Span, context: CompileContext): Compiled {
  const steps = parseBodyPath(name.slice('body.'.length));
  if (steps === undefined) return context.fail(span, `Syntax error in path '$${name}'.`);
  const isAbsent = (message: RoutableMessage) => isBodyPathAbsent(message, steps);
  if (isBraced || /[[\]]/.test(name)) {
    return { type: 'body', evaluate: (message) => bodyValue(message, steps), isAbsent };
  }
  return {
    type: 'body',
    isAbsent,
    evaluate: (message) => {
      const own = applicationProperty(message, `$${name}`);
      return own === undefined ? bodyValue(message, steps) : own;
    },
  };
}

function compileUnary(expression: Expression & { kind: 'unary' }, context: CompileContext): Compiled {
  const { operator, span } = expression;
  const operand = context.compile(expression.operand);
  if (operator === '-') {
    if (operand.type !== 'number') {
      return context.fail(span, `Invalid operand to unary operator '-': have '${operand.type}', expected 'number'`);
    }
    return {
      type: 'number',
      evaluate: (message) => {
        const value = operand.evaluate(message);
        return typeof value === 'number' ? -value : undefined;
      },
    };
  }
  if (operand.type === 'null') return { type: 'bool', evaluate: () => true };
  if (operand.type !== 'bool' && operand.type !== 'body') {
    return context.fail(span, `Invalid operand to unary operator 'not': have '${operand.type}', expected 'bool'`);
  }
  return {
    type: 'bool',
    evaluate: (message) => {
      const value = operand.evaluate(message);
      return typeof value === 'boolean' ? !value : undefined;
    },
  };
}
