import type { Command } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';
import type { DetectOptions } from '../detect/detect-pictures.ts';
import { THEN_OPTION, TILES_OPTION } from './cascade-options.ts';

const EXAMPLES = `
Examples:
  $ edgeveil detect --model yunet.onnx portrait.jpg
  $ edgeveil detect --model models/faces pictures/ --json | jq '.detections | length'
  $ edgeveil detect --model yolox_nano.onnx street.jpg --draw found/
  $ edgeveil detect --model yunet.onnx square.jpg --tiles 2x3
  $ edgeveil detect --model yolox_nano.onnx --then yunet.onnx:person square.jpg

--json prints one line a picture: {"file", "detections": [{"label", "score", "box": [x, y, width, height]}]}, boxes in
pixels of the picture as it is displayed.`;

/** Adds `edgeveil detect`: what the inference module does, over files and folders. */
export function addDetectCommand(program: Command, context: CliContext, setExitCode: (code: ExitCode) => void): void {
  program
    .command('detect')
    .description('run a model on pictures and show what it finds')
    .argument('<image...>', 'pictures, or folders of pictures')
    .requiredOption('--model <file>', 'ONNX file or model package (a folder with model.json and model.onnx)')
    .option(...THEN_OPTION)
    .option(...TILES_OPTION)
    .option('--json', 'one JSON line a picture')
    .option('--draw <dir>', 'folder for copies of the pictures with the boxes drawn; they are NOT redacted')
    .addHelpText('after', EXAMPLES)
    .action(async (images: string[], options: DetectOptions) => {
      const { detectPictures } = await import('../detect/detect-pictures.ts');
      setExitCode(await detectPictures(images, options, context));
    });
}
