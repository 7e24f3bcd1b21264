import type { Command } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { type EdgeOptions, STATE_OPTION } from '../open-control.ts';
import { collect, positiveInteger } from '../option-values.ts';

export interface MonitorOptions extends EdgeOptions {
  readonly route?: readonly string[];
  readonly module?: readonly string[];
  readonly filter?: string;
  readonly json?: boolean;
  readonly count?: number;
}

const EXAMPLES = `
Examples:
  $ edgeveil monitor
  $ edgeveil monitor --route sensorToFilter
  $ edgeveil monitor --module filter --filter "alert = 'high' AND $body.temperature > 30"
  $ edgeveil monitor -n 1 --json | jq .body
  $ edgeveil monitor --json | jq -r 'select(.to == []) | .source'     what no route takes

A line a message: time, where it came from, the routes that took it and where they lead, its properties and its body. Routes,
modules and the filter must all agree where several are given.`;

/** Adds `edgeveil monitor`: the messages of a running edge as they pass. */
export function addMonitorCommand(program: Command, context: CliContext, setExitCode: (code: ExitCode) => void): void {
  program
    .command('monitor')
    .description('show messages of the running edge as they pass')
    .option('--route <name>', 'only along this route; may be given several times', collect)
    .option('--module <name>', 'only from or to this module; may be given several times', collect)
    .option('--filter <condition>', 'only what a condition of the route language, as after WHERE, is true of')
    .option('-n, --count <n>', 'end after so many messages', positiveInteger)
    .option('--json', 'one JSON line a message, whole')
    .option(...STATE_OPTION)
    .addHelpText('after', EXAMPLES)
    .action(async (options: MonitorOptions) => {
      const { monitor } = await import('../monitor/monitor.ts');
      setExitCode(await monitor(options, context));
    });
}
