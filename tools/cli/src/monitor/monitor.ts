import type { CliContext, ExitCode } from '../cli-context.ts';
import type { MonitorOptions } from '../commands/monitor.ts';
import { openControl } from '../open-control.ts';
import { renderMessage } from './render-message.ts';

/** Shows messages until enough have come, the user has seen enough, or the edge stops. 1 when it stopped before `--count` was reached. */
export async function monitor(options: MonitorOptions, context: CliContext): Promise<ExitCode> {
  const { route, module, filter, count } = options;
  const edge = await openControl(options, context);
  const messages = await edge.monitor(
    {
      ...(route === undefined ? {} : { routes: route }),
      ...(module === undefined ? {} : { modules: module }),
      ...(filter === undefined ? {} : { condition: filter }),
    },
    context.signal,
  );
  if (context.isTerminal) context.errors.write('waiting for messages; Ctrl-C ends\n');
  let seen = 0;
  for await (const message of messages) {
    if ('missed' in message) {
      context.errors.write(`${message.missed} messages were too many to show\n`);
      continue;
    }
    context.output.write(options.json ? `${JSON.stringify(message)}\n` : renderMessage(message, context));
    seen += 1;
    if (seen === count) return 0;
  }
  if (context.signal.aborted) return 0;
  context.errors.write('the edge has stopped\n');
  return count === undefined ? 0 : 1;
}
