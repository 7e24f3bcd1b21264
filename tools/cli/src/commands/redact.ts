import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Policy, policySchema, redactionMethodSchema } from '@edgeveil/contracts';
import type { Detector } from '@edgeveil/inference';
import { redactPicture } from '@edgeveil/redact';
import { type Command, Option } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { describePicture } from '../describe-picture.ts';
import { findPictures, forEachPicture } from '../for-each-picture.ts';
import { openDetector } from '../open-detector.ts';
import type { PictureFile } from '../picture-files.ts';
import { UsageError } from '../usage-error.ts';
import { writeWhole } from '../write-whole.ts';

interface RedactOptions {
  readonly out: string;
  readonly model?: string;
  readonly classes?: string;
  readonly method: string;
  readonly margin?: number;
  readonly heads?: boolean;
}

const EXAMPLES = `
Examples:
  $ edgeveil redact holiday.jpg --out safe --model yunet.onnx
  $ edgeveil redact pictures/ --out safe --model models/faces --method blur
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
    .option(
      '--classes <list>',
      'what to hide, separated by commas (default: face and plate, as far as the model knows them)',
    )
    .addOption(
      new Option('--method <method>', 'how to hide it').choices([...redactionMethodSchema.options]).default('pixelate'),
    )
    .option('--margin <share>', 'added to each side of a box, as a share of its size', Number)
    .option('--heads', 'hide also the heads of persons in whom no face was found')
    .addHelpText('after', EXAMPLES)
    .action(async (inputs: string[], options: RedactOptions) => {
      setExitCode(await redact(inputs, options, context));
    });
}

async function redact(inputs: readonly string[], options: RedactOptions, context: CliContext): Promise<ExitCode> {
  const files = await findPictures(inputs);
  await using detector = await openDetector(options.model, context);
  const policy = policyFrom(options, detector.labels);
  const { done, failed } = await forEachPicture(files, context, (file) =>
    redactFile(file, detector, policy, options.out),
  );
  context.output.write(`${done} redacted into ${options.out}, ${failed} failed\n`);
  return done === files.length ? 0 : 1;
}

function policyFrom(options: RedactOptions, modelLabels: readonly string[]): Policy {
  const labels =
    options.classes?.split(',').map((label) => label.trim()) ??
    ['face', 'plate'].filter((label) => modelLabels.includes(label));
  const unknown = labels.filter((label) => !modelLabels.includes(label));
  if (unknown.length > 0)
    throw new UsageError(`--classes: the model cannot find ${unknown.join(', ')}; it knows ${modelLabels.join(', ')}`);
  if (options.heads && !modelLabels.includes('person')) throw new UsageError('--heads: the model cannot find persons');
  if (labels.length === 0)
    throw new UsageError(`the model knows neither face nor plate; name --classes out of ${modelLabels.join(', ')}`);
  const parsed = policySchema.safeParse({
    name: 'command-line',
    labels,
    method: options.method,
    hideHeads: options.heads ?? false,
    ...(options.margin === undefined ? {} : { margin: options.margin }),
  });
  if (!parsed.success)
    throw new UsageError(`--${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`);
  return parsed.data;
}

async function redactFile(file: PictureFile, detector: Detector, policy: Policy, outDir: string): Promise<void> {
  const bytes = await readFile(file.path);
  const frame = await describePicture(bytes, file);
  const [detections = []] = await detector.detect([{ bytes }]);
  const { picture, receipt } = await redactPicture({
    bytes,
    frame,
    model: detector.identity,
    labels: detector.labels,
    detections,
    policy,
    jpegQuality: 82,
  });
  const target = join(outDir, file.name.replace(/\.[^./]+$/, '.jpg'));
  await mkdir(dirname(target), { recursive: true });
  await writeWhole(`${target}.receipt.json`, `${JSON.stringify(receipt, undefined, 2)}\n`);
  await writeWhole(target, picture);
}
