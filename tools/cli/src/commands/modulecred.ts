import type { Command } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { type EdgeOptions, openControl, STATE_OPTION } from '../open-control.ts';

interface CredentialOptions extends EdgeOptions {
  readonly json?: boolean;
  readonly shell?: boolean;
}

const EXAMPLES = `
Examples:
  $ edgeveil modulecred filter
  $ eval "$(edgeveil modulecred filter --shell)" && node filter.js
  $ edgeveil modulecred filter > .env && node --env-file=.env filter.js

With these two variables any module that was started by hand, in a debugger for one, is that module to the edge. Leave it out of
the edge's own modules then (edgeveil run --only …): two clients of one name push each other out.`;

/** Adds `edgeveil modulecred`: what `iotedgehubdev modulecred` prints. */
export function addModulecredCommand(
  program: Command,
  context: CliContext,
  setExitCode: (code: ExitCode) => void,
): void {
  program
    .command('modulecred')
    .description('print what a module that is started by hand needs to connect')
    .argument('<module>', 'name of a module')
    .option(...STATE_OPTION)
    .option('--json', 'as a JSON object')
    .option('--shell', 'as export commands for a shell')
    .addHelpText('after', EXAMPLES)
    .action(async (module: string, options: CredentialOptions) => {
      const edge = await openControl(options, context);
      const { isInDeployment, isRunning, ...variables } = await edge.credentials(module);
      if (!isInDeployment) {
        context.errors.write(
          `note: the deployment has no module '${module}'; it may connect, and gets a twin of its own\n`,
        );
      }
      if (isRunning) {
        context.errors.write(
          `note: the edge runs '${module}' itself; a second client of that name and it push each other out\n`,
        );
      }
      const lines = Object.entries(variables).map(([name, value]) =>
        options.shell ? `export ${name}='${value.replaceAll("'", "'\\''")}'` : `${name}=${value}`,
      );
      context.output.write(options.json ? `${JSON.stringify(variables, undefined, 2)}\n` : `${lines.join('\n')}\n`);
      setExitCode(0);
    });
}
