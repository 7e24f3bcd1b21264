import { EdgeveilError } from '@edgeveil/contracts/errors';
import { Command, CommanderError } from 'commander';
import type { CliContext, ExitCode } from './cli-context.ts';
import { commandsFor } from './command-table.ts';
import { plainLines } from './terminal/plain-text.ts';
import { UsageError } from './usage-error.ts';

/** Runs one command line (without the program's name) and says with which code the process should end. Never throws. */
export async function runCli(args: readonly string[], context: CliContext): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const setExitCode = (code: ExitCode): void => {
    exitCode = code;
  };
  const program = new Command('edgeveil')
    .description(
      'Vision modules for Azure IoT Edge that hide people, faces and plates before a picture leaves the site.',
    )
    .exitOverride()
    .showHelpAfterError('(add --help for the options and examples)')
    .configureOutput({
      writeOut: (text) => context.output.write(text),
      writeErr: (text) => context.errors.write(text),
    });

  try {
    for (const add of await commandsFor(args)) add(program, context, setExitCode);
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, context);
  }
}

function report(error: unknown, context: CliContext): ExitCode {
  // Commander has written its own message already; help that was asked for is no error.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) {
    context.errors.write(`error: ${plainLines(error.message)}\n`);
    return 2;
  }
  if (error instanceof EdgeveilError) {
    context.errors.write(`error: ${plainLines(error.message)} [${error.code}]\n`);
    return 1;
  }
  // Ctrl-C in the middle of something: its user knows.
  if (context.signal.aborted) return 1;
  context.errors.write(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}
