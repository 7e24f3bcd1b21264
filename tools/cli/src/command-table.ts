import type { Command } from 'commander';
import type { CliContext, ExitCode } from './cli-context.ts';

/** Adds a command to the program; its work is loaded when it is called. */
export type AddCommand = (program: Command, context: CliContext, setExitCode: (code: ExitCode) => void) => void;

/**
 * Every command and the file that describes it, in the order of the help. Only the file of the command that was asked for is read: each
 * costs the start of a small command a millisecond.
 */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  run: async () => (await import('./commands/run.ts')).addRunCommand,
  detect: async () => (await import('./commands/detect.ts')).addDetectCommand,
  redact: async () => (await import('./commands/redact.ts')).addRedactCommand,
  start: async () => (await import('./commands/start.ts')).addStartCommand,
};

/** What adds the command that a command line names; of all of them when it names none, or asks for help on one. */
export async function commandsFor(args: readonly string[]): Promise<AddCommand[]> {
  const [name = ''] = args;
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return load === undefined ? Promise.all(Object.values(COMMANDS).map((each) => each())) : [await load()];
}
