import type { Command } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { type EdgeOptions, STATE_OPTION } from '../open-control.ts';
import { wholeNumber } from '../option-values.ts';

export interface MethodOptions extends EdgeOptions {
  readonly payload?: string;
  readonly timeout?: number;
  readonly connectTimeout?: number;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  $ edgeveil method call filter reset
  $ edgeveil method call filter setLevel --payload '{"level": 3}' --timeout 60
  $ edgeveil method call filter reset --connect-timeout 20     wait for the module to be there
  $ edgeveil method call '$edgeAgent' ping
  $ edgeveil method call '$edgeAgent' RestartModule --payload '{"schemaVersion": "1.0", "id": "filter"}'

Prints the answer's payload; with --json the status beside it. The exit code is 1 when the status is 400 or above.`;

/** Adds `edgeveil method`: direct methods. */
export function addMethodCommand(program: Command, context: CliContext, setExitCode: (code: ExitCode) => void): void {
  const method = program.command('method').description('call direct methods of modules').addHelpText('after', EXAMPLES);
  method
    .command('call')
    .description('call a direct method and print its answer')
    .argument('<module>', "name of a module, or '$edgeAgent'")
    .argument('<name>', 'name of the method')
    .option('--payload <json>', 'JSON, @FILE, or - for what is piped in')
    .option('--timeout <seconds>', 'how long to wait for the answer, 5 to 300 (default: 30)', wholeNumber)
    .option(
      '--connect-timeout <seconds>',
      'how long to wait for the module to be there, 0 to 300 (default: 0)',
      wholeNumber,
    )
    .option('--json', '{"status", "payload"} in one line')
    .option(...STATE_OPTION)
    .addHelpText('after', EXAMPLES)
    .action(async (module: string, name: string, options: MethodOptions) => {
      const { callMethod } = await import('../method/call-method.ts');
      setExitCode(await callMethod(module, name, options, context));
    });
}
