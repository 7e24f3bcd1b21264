import type { Expression } from '../parse/expression.ts';
import type { Compiled } from '../value.ts';
import type { CompileContext } from './compile-condition.ts';
import { kindFunctions } from './kind-functions.ts';
import { numberFunctions } from './number-functions.ts';
import { textFunctions } from './text-functions.ts';
import { typeName } from './type-name.ts';

// twin_change_includes is not there on purpose: edgeHub never has the message source that it needs.
const builtIns = new Map([...numberFunctions, ...textFunctions, ...kindFunctions]);

/** Compiles a call of a built-in function. Names are compared ignoring case. */
export function compileCall(expression: Expression & { kind: 'call' }, context: CompileContext): Compiled {
  const builtIn = builtIns.get(expression.name.toLowerCase());
  if (builtIn === undefined) return context.fail(expression.span, `Invalid built-in function '${expression.name}'`);
  const values = expression.arguments.map((argument) => context.compile(argument));
  const types = values.map((value) => value.type);
  const type = builtIn.accepts(types);
  if (type === undefined) {
    return context.fail(
      expression.span,
      `Invalid arguments to built-in function '${expression.name}': ${expression.name}(${types.map(typeName).join(', ')})`,
    );
  }
  return { type, evaluate: builtIn.create(values) };
}
