import { mkdir } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { buildManifest, builtManifestPath } from '@edgeveil/local-edge/manifest-tools';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { readEnvFile } from '../env-file.ts';
import { existingFile } from '../existing-file.ts';
import { writeWhole } from '../write-whole.ts';

export interface BuildCommandOptions {
  readonly platform: string;
  readonly debug?: boolean;
  readonly out?: string;
  readonly env: string;
}

// What people and newer files call the platforms, and the tools do not.
const ALIASES: Readonly<Record<string, string>> = { arm64: 'arm64v8', arm32: 'arm32v7' };

/** Expands a template and writes the manifest. */
export async function buildTemplate(
  template: string,
  options: BuildCommandOptions,
  context: CliContext,
): Promise<ExitCode> {
  const path = await existingFile(template, context);
  const target = { platform: ALIASES[options.platform] ?? options.platform, isDebug: options.debug === true };
  const environment = { ...context.environment, ...(await readEnvFile(resolve(dirname(path), options.env))) };
  const { text, unset } = await buildManifest(path, { ...target, environment });
  if (unset.length > 0) {
    context.errors.write(
      `warning: not set, neither in the environment nor in ${options.env}, and left as they are: ${unset.join(', ')}\n`,
    );
  }
  if (options.out === '-') {
    context.output.write(`${text}\n`);
    return 0;
  }
  const out = options.out === undefined ? builtManifestPath(path, target) : resolve(context.workingDir, options.out);
  await mkdir(dirname(out), { recursive: true });
  await writeWhole(out, text);
  context.output.write(`${relative(context.workingDir, out)}\n`);
  return 0;
}
