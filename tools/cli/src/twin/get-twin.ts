import type { CliContext, ExitCode } from '../cli-context.ts';
import type { TwinGetOptions } from '../commands/twin.ts';
import { openControl } from '../open-control.ts';
import { paintFor } from '../terminal/paint.ts';
import { paintJson } from '../terminal/paint-json.ts';

/** Prints a twin, or a part of it; 1 when there is nothing at the path. */
export async function getTwin(module: string, options: TwinGetOptions, context: CliContext): Promise<ExitCode> {
  const edge = await openControl(options, context);
  const value = valueAt(await edge.twin(module), options.path ?? '');
  if (value === undefined) {
    context.errors.write(`the twin of ${module} has nothing at ${options.path}\n`);
    return 1;
  }
  context.output.write(options.json ? `${JSON.stringify(value)}\n` : `${paintJson(value, paintFor(context))}\n`);
  return 0;
}

/** What lies at a path of names with dots between them; names with dots in them are found as well. */
export function valueAt(value: unknown, path: string): unknown {
  if (path === '') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const name = Object.keys(value)
    .filter((key) => path === key || path.startsWith(`${key}.`))
    .sort((a, b) => b.length - a.length)[0];
  if (name === undefined) return undefined;
  return valueAt((value as Readonly<Record<string, unknown>>)[name], path.slice(name.length + 1));
}
