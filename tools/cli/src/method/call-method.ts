import type { CliContext, ExitCode } from '../cli-context.ts';
import type { MethodOptions } from '../commands/method.ts';
import { openControl } from '../open-control.ts';
import { readJson } from '../read-data.ts';
import { paintFor } from '../terminal/paint.ts';
import { paintJson } from '../terminal/paint-json.ts';

/** Calls a method and prints its answer; 1 when its status says that it failed. */
export async function callMethod(
  module: string,
  methodName: string,
  options: MethodOptions,
  context: CliContext,
): Promise<ExitCode> {
  const { payload, timeout, connectTimeout } = options;
  const call = {
    methodName,
    ...(payload === undefined ? {} : { payload: await readJson(payload, context) }),
    ...(timeout === undefined ? {} : { responseTimeoutSecs: timeout }),
    ...(connectTimeout === undefined ? {} : { connectTimeoutSecs: connectTimeout }),
  };
  const edge = await openControl(options, context);
  const answer = await edge.invokeMethod(module, call, context.signal);
  const hasFailed = answer.status >= 400;
  if (options.json) context.output.write(`${JSON.stringify(answer)}\n`);
  else {
    const paint = paintFor(context);
    if (hasFailed || context.isTerminal) {
      context.errors.write(`${paint(hasFailed ? 'red' : 'green', `status ${answer.status}`)}\n`);
    }
    context.output.write(`${paintJson(answer.payload ?? null, paint)}\n`);
  }
  return hasFailed ? 1 : 0;
}
