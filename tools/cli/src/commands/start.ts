import type { Command } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';
import type { StartOptions } from '../start/start.ts';

const EXAMPLES = `
Examples:
  $ edgeveil start                                          the bundled demo
  $ edgeveil start --images ~/pictures --model yunet.onnx   your own pictures and model
  $ edgeveil start --images ~/pictures --model yolox_nano.onnx --classes person
  $ edgeveil start --fresh --for 60                         from scratch, for a minute

Everything is kept in .edgeveil/start; the next start goes on where this one stopped.`;

/** Adds `edgeveil start`, which is what \`npm start\` runs: the whole suite with a storage account of its own. */
export function addStartCommand(program: Command, context: CliContext, setExitCode: (code: ExitCode) => void): void {
  program
    .command('start')
    .description('run the whole suite on the demo, or on your own pictures')
    .option('--images <dir>', 'folder of pictures in place of the demo; they are left as they are')
    .option('--model <file>', 'ONNX file or model package in place of the bundled demo model')
    .option('--classes <list>', 'what to hide, separated by commas (default: face and plate, or person)')
    .option('--fresh', 'forget what earlier starts have left')
    .option('--for <seconds>', 'stop by itself after this time', Number)
    .addHelpText('after', EXAMPLES)
    .action(async (options: StartOptions) => {
      const { start } = await import('../start/start.ts');
      setExitCode(await start(options, context));
    });
}
