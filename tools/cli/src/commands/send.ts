import type { Command } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { type EdgeOptions, STATE_OPTION } from '../open-control.ts';
import { collect } from '../option-values.ts';

export interface SendOptions extends EdgeOptions {
  readonly data: string;
  readonly prop?: readonly string[];
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly asOutput?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  $ edgeveil send filter input1 --data '{"temperature": 31}' --prop alert=high
  $ edgeveil send filter input1 --data @sample.json
  $ camera-dump | edgeveil send filter input1 --data - --content-type image/jpeg
  $ edgeveil send sensor output1 --as-output --data '{"temperature": 31}'

Data that is a JSON object or array is sent as application/json in utf-8, as routes that ask about $body need it; --content-type ''
sends it without. With --as-output the edge routes the message as if the module had sent it; when no route takes it, it is lost as it
would be on a device, and the exit code is 1.`;

/** Adds `edgeveil send`: puts a message into a module's input, or has the edge route one. */
export function addSendCommand(program: Command, context: CliContext, setExitCode: (code: ExitCode) => void): void {
  program
    .command('send')
    .description("send a message to a module's input, or as if a module had sent it")
    .argument('<module>', 'name of a module')
    .argument('<input>', 'its input, or with --as-output its output')
    .requiredOption('--data <text>', 'the body: text, @FILE, or - for what is piped in')
    .option('--prop <key=value>', 'an application property; may be given several times', collect)
    .option('--content-type <type>', 'system property contentType')
    .option('--content-encoding <name>', 'system property contentEncoding')
    .option('--as-output', 'send as the module, on its output')
    .option('--json', 'where it went, as JSON')
    .option(...STATE_OPTION)
    .addHelpText('after', EXAMPLES)
    .action(async (module: string, name: string, options: SendOptions) => {
      const { sendMessage } = await import('../send/send-message.ts');
      setExitCode(await sendMessage(module, name, options, context));
    });
}
