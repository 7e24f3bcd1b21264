import { applicationProperty, systemProperty } from '../message-properties.ts';
import type { Expression } from '../parse/expression.ts';
import { problemAt, type RouteProblem, type Span } from '../position.ts';
import { type Compiled, nullText, type RoutableMessage, type StaticType, type Value } from '../value.ts';
import { parseBodyPath } from './body-path.ts';
import { bodyValue, isBodyPathAbsent } from './body-value.ts';
import { compileBinary } from './compile-binary.ts';
import { compileCall } from './functions.ts';
import { typeName } from './type-name.ts';

/** Collects what is wrong while a condition is compiled, so that all of it is reported at once. */
export interface CompileContext {
  /** Notes a problem; the expression counts as undefined from there on. */
  fail(span: Span, message: string): Compiled;
  compile(expression: Expression): Compiled;
  /** The text at a stretch, as the author wrote it. */
  written(span: Span): string;
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
    written: ({ start, end }) => text.slice(start, end),
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
      return { type: 'string', evaluate: (message) => textOf(applicationProperty(message, name)) };
    }
    case 'broken': {
      const failed = context.fail(expression.span, expression.message);
      return { ...failed, type: expression.type };
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

function textOf(value: string | null | undefined): Value {
  return value === null ? nullText : value;
}

function compileSystem(name: string, isBraced: boolean, span: Span, context: CompileContext): Compiled {
  if (/^body\./i.test(name)) return compileBody(name, isBraced, span, context);
  // Brackets belong to body paths: no property is looked for, and the type is that of nothing.
  if (/[[\]]/.test(name)) return { type: 'undefined', evaluate: () => undefined };
  if (isBraced) return { type: 'string', evaluate: (message) => textOf(systemProperty(message, name)) };
  return {
    type: 'string',
    evaluate: (message) => {
      const own = applicationProperty(message, `$${name}`);
      return textOf(own === undefined ? systemProperty(message, name) : own);
    },
  };
}

function compileBody(name: string, isBraced: boolean, span: Span, context: CompileContext): Compiled {
  const query = name.slice('body.'.length);
  const path = parseBodyPath(query);
  if (path === undefined) {
    const reason = query === '' ? '$body query cannot be empty' : `Error in $body query. Not a path: '${query}'`;
    const failed = context.fail(
      span,
      `Invalid arguments to built-in function '$${name}': $${name}(string). Error: ${reason}`,
    );
    return isBraced || /[[\]]/.test(name) ? failed : { ...failed, type: 'string' };
  }
  const isAbsent = (message: RoutableMessage) => isBodyPathAbsent(message, path);
  if (isBraced || /[[\]]/.test(name)) {
    return { type: 'body', evaluate: (message) => bodyValue(message, path), isAbsent };
  }
  const own = (message: RoutableMessage) => applicationProperty(message, `$${name}`);
  return {
    type: 'body',
    isAbsent: (message) => own(message) === undefined && isAbsent(message),
    evaluate: (message) => {
      const property = own(message);
      return property === undefined ? bodyValue(message, path) : textOf(property);
    },
  };
}

function compileUnary(expression: Expression & { kind: 'unary' }, context: CompileContext): Compiled {
  const { operator, span } = expression;
  const operand = context.compile(expression.operand);
  if (operator === '-') {
    if (operand.type !== 'number') return unaryMismatch(span, operand, 'number', context);
    return {
      type: 'number',
      evaluate: (message) => {
        const value = operand.evaluate(message);
        return typeof value === 'number' ? -value : undefined;
      },
    };
  }
  if (operand.type === 'null') return { type: 'bool', evaluate: () => true };
  if (operand.type !== 'bool' && operand.type !== 'body') return unaryMismatch(span, operand, 'bool', context);
  return {
    type: 'bool',
    evaluate: (message) => {
      const value = operand.evaluate(message);
      return typeof value === 'boolean' ? !value : undefined;
    },
  };
}

function unaryMismatch(span: Span, operand: Compiled, expected: StaticType, context: CompileContext): Compiled {
  const message = `Invalid operands to unary operator '${context.written(span)}': have '${typeName(operand.type)}', expected '${expected}'`;
  return context.fail(span, message);
}
