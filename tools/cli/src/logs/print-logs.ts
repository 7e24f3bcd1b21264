import type { CliContext, ExitCode } from '../cli-context.ts';
import type { LogsOptions } from '../commands/logs.ts';
import { openControl } from '../open-control.ts';
import { LogLineRenderer } from './log-line-renderer.ts';

/** Prints log lines until all that were asked for are printed or, when following, the user or the edge ends it. */
export async function printLogs(
  modules: readonly string[],
  options: LogsOptions,
  context: CliContext,
): Promise<ExitCode> {
  const { tail, since, until, follow } = options;
  const edge = await openControl(options, context);
  const lines = await edge.logs(
    {
      ...(modules.length === 0 ? {} : { modules }),
      ...(tail === undefined ? {} : { tail }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      isFollowing: follow ?? false,
    },
    context.signal,
  );
  const names = modules.length > 0 ? modules : [...(await edge.names()).modules, '$edgeHub'];
  const renderer = new LogLineRenderer(context, { names, hasTimes: options.timestamps ?? false });
  for await (const line of lines) {
    if ('missed' in line) context.errors.write(`${line.missed} lines were too many to show\n`);
    else context.output.write(options.json ? `${JSON.stringify(line)}\n` : renderer.render(line));
  }
  if (follow && !context.signal.aborted) context.errors.write('the edge has stopped\n');
  return 0;
}
