import { Argument, type Command } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { type EdgeOptions, openControl, STATE_OPTION } from '../open-control.ts';

const EXAMPLES = `
Examples:
  $ edgeveil offline on        messages for $upstream wait in their queue from now on
  $ edgeveil status            see the queue grow
  $ edgeveil offline off       and drain, in order`;

/** Adds `edgeveil offline`: cuts the line to the cloud, and restores it. */
export function addOfflineCommand(program: Command, context: CliContext, setExitCode: (code: ExitCode) => void): void {
  program
    .command('offline')
    .description('cut the line to $upstream, or restore it')
    .addArgument(new Argument('<state>', 'on: cut off; off: connected').choices(['on', 'off']))
    .option(...STATE_OPTION)
    .option('--json', 'the new state as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (state: 'on' | 'off', options: EdgeOptions & { json?: boolean }) => {
      const isOffline = state === 'on';
      const edge = await openControl(options, context);
      await edge.setOffline(isOffline);
      const text = isOffline ? 'offline: messages for $upstream wait' : 'online: messages for $upstream go on';
      context.output.write(options.json ? `${JSON.stringify({ isOffline })}\n` : `${text}\n`);
      setExitCode(0);
    });
}
