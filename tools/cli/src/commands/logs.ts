import type { Command } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { type EdgeOptions, STATE_OPTION } from '../open-control.ts';
import { wholeNumber } from '../option-values.ts';

export interface LogsOptions extends EdgeOptions {
  readonly follow?: boolean;
  readonly tail?: number;
  readonly since?: string;
  readonly until?: string;
  readonly timestamps?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  $ edgeveil logs
  $ edgeveil logs filter sensor --tail 20 --follow
  $ edgeveil logs filter --since 10m
  $ edgeveil logs --since 2026-01-31T08:00:00Z --until 1h --json

Times are RFC 3339, Unix seconds, or an age: 30s, 10 minutes, 2h, 1d.`;

/** Adds `edgeveil logs`: what the modules of a running edge have written. */
export function addLogsCommand(program: Command, context: CliContext, setExitCode: (code: ExitCode) => void): void {
  program
    .command('logs')
    .description('print what modules of the running edge have written')
    .argument('[module...]', "names of modules, '$edgeHub' for the runtime itself (default: all)")
    .option('-f, --follow', 'go on with what comes')
    .option('--tail <n>', 'only the last lines of each module', wholeNumber)
    .option('--since <time>', 'nothing older')
    .option('--until <time>', 'nothing newer')
    .option('-t, --timestamps', 'put the time of writing before each line')
    .option('--json', 'one JSON line each: {"module", "time", "stream", "text"}')
    .option(...STATE_OPTION)
    .addHelpText('after', EXAMPLES)
    .action(async (modules: string[], options: LogsOptions) => {
      const { printLogs } = await import('../logs/print-logs.ts');
      setExitCode(await printLogs(modules, options, context));
    });
}
