import type { Command } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { type EdgeOptions, openControl, STATE_OPTION } from '../open-control.ts';

const EXAMPLES = `
Examples:
  $ edgeveil stop
  $ edgeveil stop --state /var/tmp/site-7

Ends when the modules have been stopped in order and the state folder is free for the next start.`;

/** Adds `edgeveil stop`: what Ctrl-C is to the terminal of `edgeveil run`. */
export function addStopCommand(program: Command, context: CliContext, setExitCode: (code: ExitCode) => void): void {
  program
    .command('stop')
    .description('stop the running edge and its modules')
    .option(...STATE_OPTION)
    .addHelpText('after', EXAMPLES)
    .action(async (options: EdgeOptions) => {
      const edge = await openControl(options, context);
      await edge.stop(context.signal);
      context.output.write(context.signal.aborted ? 'not waited for\n' : 'stopped\n');
      setExitCode(context.signal.aborted ? 1 : 0);
    });
}
