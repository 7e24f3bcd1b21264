import type { Command } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { type EdgeOptions, openControl, STATE_OPTION } from '../open-control.ts';

const EXAMPLES = `
Examples:
  $ edgeveil restart filter
  $ edgeveil restart filter sensor     one after the other`;

/** Adds `edgeveil restart`: ends modules and starts them anew. */
export function addRestartCommand(program: Command, context: CliContext, setExitCode: (code: ExitCode) => void): void {
  program
    .command('restart')
    .description('restart modules of the running edge')
    .argument('<module...>', 'names of modules')
    .option(...STATE_OPTION)
    .addHelpText('after', EXAMPLES)
    .action(async (modules: string[], options: EdgeOptions) => {
      const edge = await openControl(options, context);
      for (const module of modules) {
        await edge.restartModule(module);
        context.output.write(`${module} restarted\n`);
      }
      setExitCode(0);
    });
}
