import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Policy, policySchema, type RedactionMethod } from '@edgeveil/contracts';
import type { Cascade } from '@edgeveil/inference';
import { redactPicture } from '@edgeveil/redact';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { describePicture } from '../describe-picture.ts';
import { findPictures, forEachPicture } from '../for-each-picture.ts';
import { type DetectorArguments, openDetector } from '../open-detector.ts';
import type { PictureFile } from '../picture-files.ts';
import { UsageError } from '../usage-error.ts';
import { writeWhole } from '../write-whole.ts';

export interface RedactOptions extends DetectorArguments {
  readonly out: string;
  readonly classes?: string;
  readonly method: RedactionMethod;
  readonly margin?: number;
  readonly heads?: boolean;
}

/** Redacts pictures into a folder; 1 when a picture failed. @throws UsageError for what the model cannot find */
export async function redactPictures(
  inputs: readonly string[],
  options: RedactOptions,
  context: CliContext,
): Promise<ExitCode> {
  const files = await findPictures(inputs);
  await using detector = await openDetector(options, context);
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

async function redactFile(file: PictureFile, detector: Cascade, policy: Policy, outDir: string): Promise<void> {
  const bytes = await readFile(file.path);
  const frame = await describePicture(bytes, file);
  const {
    detections: [detections = []],
    stages = [],
  } = await detector.detect([{ bytes }]);
  const { picture, receipt } = await redactPicture({
    bytes,
    frame,
    model: detector.identity,
    labels: detector.labels,
    detections,
    stages,
    policy,
    jpegQuality: 82,
  });
  const target = join(outDir, file.name.replace(/\.[^./]+$/, '.jpg'));
  await mkdir(dirname(target), { recursive: true });
  await writeWhole(`${target}.receipt.json`, `${JSON.stringify(receipt, undefined, 2)}\n`);
  await writeWhole(target, picture);
}
