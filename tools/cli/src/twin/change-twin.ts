import type { CliContext, ExitCode } from '../cli-context.ts';
import type { TwinGetOptions } from '../commands/twin.ts';
import { openControl } from '../open-control.ts';
import { readJson } from '../read-data.ts';
import { UsageError } from '../usage-error.ts';

/** Changes a module's desired properties and tells their new version. @throws UsageError for what is no JSON object */
export async function changeTwin(
  change: 'set' | 'patch',
  module: string,
  json: string,
  options: TwinGetOptions,
  context: CliContext,
): Promise<ExitCode> {
  const document = await readJson(json, context);
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new UsageError('desired properties are a JSON object');
  }
  const edge = await openControl(options, context);
  const properties = { ...document };
  const version =
    change === 'set' ? await edge.replaceDesired(module, properties) : await edge.patchDesired(module, properties);
  context.output.write(
    options.json ? `${JSON.stringify({ version })}\n` : `desired properties of ${module} are at version ${version}\n`,
  );
  return 0;
}
