import type { RedactionMethod } from '@edgeveil/contracts';
import { type Command, Option } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';
import type { RedactOptions } from '../redact/redact-pictures.ts';
import { THEN_OPTION, TILES_OPTION } from './cascade-options.ts';

// The schema has them too, and loading it would cost every start of the command line.
const METHODS = ['pixelate', 'blur', 'solid'] as const satisfies readonly RedactionMethod[];

const EXAMPLES = `
Examples:
  $ edgeveil redact holiday.jpg --out safe --model yunet.onnx
  $ edgeveil redact pictures/ --out safe --model models/faces --method blur
  $ edgeveil redact square.jpg --out safe --model yolox_nano.onnx --then yunet.onnx:person
  $ edgeveil redact scenes/ --out safe --classes person,plate --method solid

Writes NAME.jpg and NAME.jpg.receipt.json, without any metadata of the original. A picture that cannot be redacted
is not written; the exit code is then 1.`;

/** Adds `edgeveil redact`: what the redact module does, over files and folders. */
export function addRedactCommand(program: Command, context: CliContext, setExitCode: (code: ExitCode) => void): void {
  program
    .command('redact')
    .description('hide people, faces or plates in pictures')
    .argument('<input...>', 'pictures, or folders of pictures')
    .requiredOption('--out <dir>', 'folder for the redacted pictures and their receipts')
    .option(
      '--model <file>',
      'ONNX file or model package (default: the bundled model, which knows the demo scenes only)',
    )
    .option(...THEN_OPTION)
    .option(...TILES_OPTION)
    .option(
      '--classes <list>',
      'what to hide, separated by commas (default: face and plate, as far as the model knows them)',
    )
    .addOption(new Option('--method <method>', 'how to hide it').choices(METHODS).default('pixelate'))
    .option('--margin <share>', 'added to each side of a box, as a share of its size', Number)
    .option('--heads', 'hide also the heads of persons in whom no face was found')
    .addHelpText('after', EXAMPLES)
    .action(async (inputs: string[], options: RedactOptions) => {
      const { redactPictures } = await import('../redact/redact-pictures.ts');
      setExitCode(await redactPictures(inputs, options, context));
    });
}
