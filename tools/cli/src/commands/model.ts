import type { Command } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';
import type { InspectModelOptions } from '../model/inspect-model.ts';

const EXAMPLES = `
Examples:
  $ edgeveil model inspect yolox_nano.onnx
  $ edgeveil model inspect yard.onnx --write
  $ edgeveil model inspect yard.onnx --json | jq .model.input

The model is loaded and run once on an empty picture. labels.txt beside it gives its classes their names. --write puts model.json beside
model.onnx, and NAME.model.json beside NAME.onnx; whatever stands there already comes before what is worked out. Ends with 0 when the
kind of model is known, with 1 otherwise.`;

/** Adds `edgeveil model`: what an ONNX file is. */
export function addModelCommand(program: Command, context: CliContext, setExitCode: (code: ExitCode) => void): void {
  const model = program.command('model').description('look at ONNX models');
  model
    .command('inspect')
    .description('what kind of model a file is, why, and its model.json')
    .argument('<file>', 'ONNX file, or the folder of a model package')
    .option('--json', 'one JSON object')
    .option('--write', 'write model.json beside the file')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: InspectModelOptions) => {
      const { inspect } = await import('../model/inspect-model.ts');
      setExitCode(await inspect(file, options, context));
    });
}
