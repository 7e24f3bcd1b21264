import { relative, resolve } from 'node:path';
import { inspectModel } from '@edgeveil/inference';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { paintFor } from '../terminal/paint.ts';
import { writeWhole } from '../write-whole.ts';
import { modelJsonText } from './model-json-text.ts';
import { renderInspection } from './render-inspection.ts';

export interface InspectModelOptions {
  readonly json?: boolean;
  readonly write?: boolean;
}

/**
 * Tells what a model file is, and why.
 *
 * @throws ConfigError when it cannot be read; RejectedError when it is no whole ONNX model
 */
export async function inspect(file: string, options: InspectModelOptions, context: CliContext): Promise<ExitCode> {
  const inspection = await inspectModel(resolve(context.workingDir, file));
  const { recognised, problem, onnx } = inspection;
  if (options.json) {
    const { inputs, outputs, opsets, producer, metadata, irVersion } = onnx;
    const facts = { irVersion, opsets, producer, metadata, inputs, outputs };
    const { modelFile, sha256, bytes } = inspection;
    const line = { file: modelFile, bytes, sha256, ...recognised, problem, onnx: facts };
    context.output.write(`${JSON.stringify(line)}\n`);
  } else {
    context.output.write(renderInspection(inspection, paintFor(context)));
  }
  if (recognised !== undefined && options.write) {
    await writeWhole(inspection.descriptionFile, `${modelJsonText(recognised.model)}\n`);
    context.errors.write(`written: ${relative(context.workingDir, inspection.descriptionFile)}\n`);
  }
  return recognised === undefined ? 1 : 0;
}
