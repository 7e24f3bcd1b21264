import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Finding, lintDeployment } from '@edgeveil/local-edge/manifest-tools';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { readEnvFile } from '../env-file.ts';
import { paintFor } from '../terminal/paint.ts';
import { UsageError } from '../usage-error.ts';
import { findingLines, summaryLine } from './finding-lines.ts';

export interface ValidateOptions {
  readonly strict?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
  readonly env: string;
}

/** Prints what is wrong with each file. @returns 1 when one has an error, or with `strict` a warning */
export async function validateFiles(
  files: readonly string[],
  options: ValidateOptions,
  context: CliContext,
): Promise<ExitCode> {
  const all: (Finding & { readonly file: string })[] = [];
  for (const file of files) {
    const findings = await lintFile(file, options, context);
    all.push(
      ...findings.filter(({ severity }) => !options.quiet || severity !== 'note').map((each) => ({ file, ...each })),
    );
  }
  if (options.json) context.output.write(`${JSON.stringify(all, undefined, 2)}\n`);
  else {
    const paint = paintFor(context);
    for (const { file, ...finding } of all) context.output.write(findingLines(file, finding, paint));
    context.output.write(summaryLine(files.length, all, paint));
  }
  const isBad = (finding: Finding) =>
    finding.severity === 'error' || (options.strict === true && finding.severity === 'warning');
  return all.some(isBad) ? 1 : 0;
}

async function lintFile(file: string, options: ValidateOptions, context: CliContext): Promise<readonly Finding[]> {
  const path = resolve(context.workingDir, file);
  const repoDir = dirname(path);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new UsageError(
      `${file}: no such file, or it cannot be read (${cause instanceof Error ? cause.message : ''})`,
    );
  }
  const environment = { ...context.environment, ...(await readEnvFile(resolve(repoDir, options.env))) };
  return lintDeployment(text, { environment, repoDir });
}
