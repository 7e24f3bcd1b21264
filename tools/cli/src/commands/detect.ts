import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Detection } from '@edgeveil/contracts';
import type { Command } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { drawDetections } from '../draw-detections.ts';
import { findPictures, forEachPicture } from '../for-each-picture.ts';
import { openDetector } from '../open-detector.ts';

interface DetectOptions {
  readonly model: string;
  readonly json?: boolean;
  readonly draw?: string;
}

const EXAMPLES = `
Examples:
  $ edgeveil detect --model yunet.onnx portrait.jpg
  $ edgeveil detect --model models/faces pictures/ --json | jq '.detections | length'
  $ edgeveil detect --model yolox_nano.onnx street.jpg --draw found/

--json prints one line a picture: {"file", "detections": [{"label", "score", "box": [x, y, width, height]}]}, boxes in
pixels of the picture as it is displayed.`;

/** Adds `edgeveil detect`: what the inference module does, over files and folders. */
export function addDetectCommand(program: Command, context: CliContext, setExitCode: (code: ExitCode) => void): void {
  program
    .command('detect')
    .description('run a model on pictures and show what it finds')
    .argument('<image...>', 'pictures, or folders of pictures')
    .requiredOption('--model <file>', 'ONNX file or model package (a folder with model.json and model.onnx)')
    .option('--json', 'one JSON line a picture')
    .option('--draw <dir>', 'folder for copies of the pictures with the boxes drawn; they are NOT redacted')
    .addHelpText('after', EXAMPLES)
    .action(async (images: string[], options: DetectOptions) => {
      setExitCode(await detect(images, options, context));
    });
}

async function detect(images: readonly string[], options: DetectOptions, context: CliContext): Promise<ExitCode> {
  const files = await findPictures(images);
  await using detector = await openDetector(options.model, context);
  const { done } = await forEachPicture(files, context, async ({ path, name }) => {
    const bytes = await readFile(path);
    const [detections = []] = await detector.detect([{ bytes }]);
    context.output.write(options.json ? jsonLine(path, detections) : textLines(path, detections));
    if (options.draw === undefined) return;
    const target = join(options.draw, name.replace(/\.[^./]+$/, '.jpg'));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, await drawDetections(bytes, detections));
  });
  return done === files.length ? 0 : 1;
}

function jsonLine(file: string, detections: readonly Detection[]): string {
  return `${JSON.stringify({ file, detections })}\n`;
}

function textLines(file: string, detections: readonly Detection[]): string {
  const lines = detections.map(
    ({ label, score, box }) => `  ${label.padEnd(12)} ${score.toFixed(2)}  ${box.map(Math.round).join(', ')}`,
  );
  return `${file}: ${detections.length} found\n${lines.map((line) => `${line}\n`).join('')}`;
}
