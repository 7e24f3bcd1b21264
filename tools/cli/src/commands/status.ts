import type { Command } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { type EdgeOptions, openControl, STATE_OPTION } from '../open-control.ts';

const EXAMPLES = `
Examples:
  $ edgeveil status
  $ edgeveil status --state /var/tmp/site-7
  $ edgeveil status --json | jq '.modules[] | select(.status != "running")'
  $ edgeveil status --json | jq .upstream.total`;

/** Adds `edgeveil status`: how a running edge is. */
export function addStatusCommand(program: Command, context: CliContext, setExitCode: (code: ExitCode) => void): void {
  program
    .command('status')
    .description('show the modules, clients and queues of the running edge')
    .option(...STATE_OPTION)
    .option('--json', 'all of it as one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(async (options: EdgeOptions & { json?: boolean }) => {
      const edge = await openControl(options, context);
      const status = await edge.status();
      if (options.json) context.output.write(`${JSON.stringify(status, undefined, 2)}\n`);
      else {
        const { renderStatus } = await import('../status/render-status.ts');
        context.output.write(renderStatus(status, context, Date.now()));
      }
      setExitCode(0);
    });
}
